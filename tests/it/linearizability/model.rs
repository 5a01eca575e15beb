//! The contract for one mentor, one call after the other: every call is answered from the state, and changes it.
//!
//! The model knows no table: a mentor has codes, and at most one of them is active. A call without an answer may have
//! created a code. That code has no id and no string until an answer shows them.

use super::history::{Answer, Document, Operation, Request};

/// The state of one mentor.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Mentor {
    codes: Vec<Code>,
    /// The last code that was created and not invalidated. It may have expired.
    last: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Code {
    id: Option<String>,
    string: Option<String>,
    org: String,
    created_at: String,
    expires_at: Option<String>,
    predecessor: Option<usize>,
    end: Option<End>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum End {
    Rotated { at: String, successor: usize },
    Invalidated { at: String },
    Expired,
}

impl Code {
    fn status(&self, now: &str) -> &'static str {
        match &self.end {
            Some(End::Rotated { .. }) => "rotated",
            Some(End::Invalidated { .. }) => "invalidated",
            Some(End::Expired) => "expired",
            // Times of one format sort as their texts do.
            None if self.expires_at.as_deref().is_some_and(|end| end <= now) => "expired",
            None => "active",
        }
    }
}

impl Mentor {
    /// The states that may follow the call: none if this state does not answer it as it was answered. There are several
    /// if a list shows codes that may be one or the other of those without an id.
    pub fn answer(&self, operation: &Operation, answer: &Answer) -> Vec<Self> {
        let now = operation.now.as_str();
        match (&operation.request, answer) {
            (Request::List { status }, Answer::Listed(shown)) => {
                let fits = |code: &Code| status.as_ref().is_none_or(|status| code.status(now) == status);
                let wanted = (0..self.codes.len()).filter(|code| fits(&self.codes[*code])).collect();
                let is_newest_first = shown.is_sorted_by(|one, next| one.created_at >= next.created_at);
                if is_newest_first { self.list(wanted, shown, now) } else { Vec::new() }
            }
            (Request::ListByCode { code: string }, Answer::Listed(shown)) => {
                let is_meant = |code: &Code| code.string.as_ref() == Some(string);
                match (self.codes.iter().position(is_meant), &shown[..]) {
                    (Some(code), shown) => self.list(vec![code], shown, now),
                    (None, []) => vec![self.clone()],
                    (None, [one]) if one.code == *string => {
                        (0..self.codes.len()).flat_map(|code| self.list(vec![code], shown, now)).collect()
                    }
                    (None, _) => Vec::new(),
                }
            }
            (Request::Follow { code: string }, answer) => {
                let is_meant = |code: &Code| code.string.as_ref() == Some(string);
                match (self.codes.iter().position(is_meant), answer) {
                    (Some(code), answer) => self.follow(code, string, answer, now).into_iter().collect(),
                    (None, Answer::NotFound) => vec![self.clone()],
                    (None, answer) => {
                        (0..self.codes.len()).filter_map(|code| self.follow(code, string, answer, now)).collect()
                    }
                }
            }
            _ => {
                let mut after = self.clone();
                if after.carry_out(operation, Some(answer)) { vec![after] } else { Vec::new() }
            }
        }
    }

    /// The states in which a list of exactly these codes is shown like this.
    fn list(&self, mut codes: Vec<usize>, shown: &[Document], now: &str) -> Vec<Self> {
        let [first, rest @ ..] = shown else { return if codes.is_empty() { vec![self.clone()] } else { Vec::new() } };
        // A code with this id is the only one that this can be.
        if let Some(named) = self.named(&first.id) {
            let Some(place) = codes.iter().position(|code| *code == named) else { return Vec::new() };
            codes.swap_remove(place);
            let mut after = self.clone();
            return if after.shows(named, first, now) { after.list(codes, rest, now) } else { Vec::new() };
        }
        let mut states = Vec::new();
        for place in 0..codes.len() {
            let mut left = codes.clone();
            let mut after = self.clone();
            if after.shows(left.swap_remove(place), first, now) {
                states.extend(after.list(left, rest, now));
            }
        }
        states
    }

    /// The state in which the short link of this code, with this string, is answered like this: by the active code to which
    /// rotations alone have led from it.
    fn follow(&self, code: usize, string: &str, answer: &Answer, now: &str) -> Option<Self> {
        let mut end = code;
        while let Some(End::Rotated { successor, .. }) = &self.codes[end].end {
            end = *successor;
        }
        let mut after = self.clone();
        let fits = after.has_string(code, string)
            && match answer {
                Answer::Linked { code: shown } => self.active(now) == Some(end) && after.has_string(end, shown),
                Answer::Gone { status } => self.active(now) != Some(end) && status == self.codes[code].status(now),
                _ => false,
            };
        fits.then_some(after)
    }

    /// The state after the call, if it changes anything.
    pub fn take_effect(&self, operation: &Operation) -> Option<Self> {
        let mut after = self.clone();
        after.carry_out(operation, None);
        (after != *self).then_some(after)
    }

    /// Carries the request out. Returns whether its answer is the given one, if one is given.
    fn carry_out(&mut self, operation: &Operation, answer: Option<&Answer>) -> bool {
        let now = operation.now.as_str();
        match &operation.request {
            Request::Post { org, expires_at } => self.post(org, expires_at.as_ref(), now, answer),
            Request::PutByOtherMentor { .. } => matches!(answer, None | Some(Answer::MentorMismatch)),
            Request::Put { id } => match self.named(id) {
                Some(code) => self.put(code, now, answer),
                None => matches!(answer, None | Some(Answer::NotFound)),
            },
            Request::Delete { id } => match self.named(id) {
                Some(code) => self.delete(code, now, answer),
                None => matches!(answer, None | Some(Answer::NotFound)),
            },
            Request::Get { id } => match (self.named(id), answer) {
                (Some(code), Some(Answer::Code(shown))) => self.shows(code, shown, now),
                (code, Some(answer)) => code.is_none() && *answer == Answer::NotFound,
                (_, None) => true,
            },
            Request::GetUrl { id } => match (self.named(id), answer) {
                (Some(code), Some(Answer::Url { code: string })) => {
                    self.codes[code].status(now) == "active" && self.has_string(code, string)
                }
                (Some(code), Some(Answer::Gone { status })) => {
                    status != "active" && self.codes[code].status(now) == status
                }
                (code, Some(answer)) => code.is_none() && *answer == Answer::NotFound,
                (_, None) => true,
            },
            // `Self::answer` has the lists that show codes, and the short links.
            Request::List { .. } | Request::ListByCode { .. } | Request::Follow { .. } => answer.is_none(),
        }
    }

    fn post(&mut self, org: &str, expires_at: Option<&String>, now: &str, answer: Option<&Answer>) -> bool {
        if let Some(active) = self.active(now) {
            let same_org = self.codes[active].org == org;
            return match answer {
                Some(Answer::Existing(shown)) => same_org && self.shows(active, shown, now),
                Some(Answer::MentorInOtherOrg { active_id }) => !same_org && self.has_id(active, active_id),
                Some(_) => false,
                None => true,
            };
        }
        if let Some(expired) = self.last {
            self.codes[expired].end = Some(End::Expired);
        }
        let made = self.create(org.to_owned(), expires_at.cloned(), None, now);
        match answer {
            Some(Answer::Created(shown)) => self.shows(made, shown, now),
            Some(_) => false,
            None => true,
        }
    }

    fn put(&mut self, code: usize, now: &str, answer: Option<&Answer>) -> bool {
        let active = self.active(now);
        let successor = if active == Some(code) {
            let old = self.codes[code].clone();
            let successor = self.create(old.org, old.expires_at, Some(code), now);
            self.codes[code].end = Some(End::Rotated { at: now.to_owned(), successor });
            Some(successor)
        } else {
            active.filter(|active| self.codes[*active].predecessor == Some(code))
        };
        match (answer, successor) {
            (Some(Answer::Successor(shown)), Some(successor)) => self.shows(successor, shown, now),
            (Some(answer), None) => self.not_active(code, now, answer),
            (Some(_), Some(_)) => false,
            (None, _) => true,
        }
    }

    fn delete(&mut self, code: usize, now: &str, answer: Option<&Answer>) -> bool {
        if self.active(now) == Some(code) {
            self.codes[code].end = Some(End::Invalidated { at: now.to_owned() });
            self.last = None;
        }
        match (answer, &self.codes[code].end) {
            (Some(Answer::Invalidated { at }), Some(End::Invalidated { at: first })) => at == first,
            (Some(_), Some(End::Invalidated { .. })) => false,
            (Some(answer), _) => self.not_active(code, now, answer),
            (None, _) => true,
        }
    }

    fn not_active(&mut self, code: usize, now: &str, answer: &Answer) -> bool {
        let Answer::NotActive { status, active_id } = answer else { return false };
        status == self.codes[code].status(now)
            && status != "active"
            && match (self.active(now), active_id) {
                (Some(active), Some(id)) => self.has_id(active, id),
                (active, id) => active.is_none() && id.is_none(),
            }
    }

    fn create(&mut self, org: String, expires_at: Option<String>, predecessor: Option<usize>, now: &str) -> usize {
        let made = self.codes.len();
        let created_at = now.to_owned();
        self.codes.push(Code { id: None, string: None, org, created_at, expires_at, predecessor, end: None });
        self.last = Some(made);
        made
    }

    fn active(&self, now: &str) -> Option<usize> {
        self.last.filter(|last| self.codes[*last].status(now) == "active")
    }

    fn named(&self, id: &str) -> Option<usize> {
        self.codes.iter().position(|code| code.id.as_deref() == Some(id))
    }

    /// Whether the code has this id. A code without an id takes it, if no other code has it.
    fn has_id(&mut self, code: usize, id: &str) -> bool {
        if self.codes[code].id.is_none() && self.named(id).is_none() {
            self.codes[code].id = Some(id.to_owned());
        }
        self.codes[code].id.as_deref() == Some(id)
    }

    /// As [`Self::has_id`], for its string.
    fn has_string(&mut self, code: usize, string: &str) -> bool {
        let free = !self.codes.iter().any(|code| code.string.as_deref() == Some(string));
        if self.codes[code].string.is_none() && free {
            self.codes[code].string = Some(string.to_owned());
        }
        self.codes[code].string.as_deref() == Some(string)
    }

    /// Whether the document shows this code as it is.
    fn shows(&mut self, index: usize, shown: &Document, now: &str) -> bool {
        let code = self.codes[index].clone();
        let (mut rotated_at, mut successor, mut invalidated_at) = (None, None, None);
        match code.end {
            Some(End::Rotated { ref at, successor: by }) => (rotated_at, successor) = (Some(at.clone()), Some(by)),
            Some(End::Invalidated { ref at }) => invalidated_at = Some(at.clone()),
            _ => {}
        }
        if let Some(_predecessor) = code.predecessor {
            rotated_at = rotated_at.or(Some(code.created_at.clone()));
        }
        self.has_id(index, &shown.id)
            && self.has_string(index, &shown.code)
            && (&shown.org_id, &shown.created_at, &shown.expires_at) == (&code.org, &code.created_at, &code.expires_at)
            && (&shown.rotated_at, &shown.invalidated_at) == (&rotated_at, &invalidated_at)
            && shown.status == code.status(now)
            && match (code.predecessor, &shown.previous_code) {
                (Some(predecessor), Some(string)) => self.has_string(predecessor, string),
                (predecessor, string) => predecessor.is_none() && string.is_none(),
            }
            && match (successor, &shown.successor_id) {
                (Some(successor), Some(id)) => self.has_id(successor, id),
                (successor, id) => successor.is_none() && id.is_none(),
            }
    }
}
