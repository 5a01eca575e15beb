//! The contract for one mentor, one call after the other: every call is answered from the state, and changes it.
//!
//! The model knows no table: a mentor has codes, and at most one of them is active. A call without an answer may have
//! created a code. That code has no id and no string until an answer shows them.
//!
//! Each call judges expiry by the clock of its own process, and these clocks differ. A code that it makes is later than the
//! mentor's last code and that one's end, and no code ends before it was made. So every time in an answer follows from the
//! order of the calls and from their clocks, except for a change that a repair has completed. All times here are Unix
//! milliseconds.

use referral_codes::model::Timestamp;

use super::history::{Answer, Document, Operation, Request};

/// The state of one mentor.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Mentor {
    codes: Vec<Code>,
    /// The last code that was created and not invalidated. It may have expired.
    last: Option<usize>,
    /// What stands in the place of the mentor's id, of each time that the mentor was forgotten, once an answer has shown it.
    pseudonyms: Vec<Option<String>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Code {
    id: Option<String>,
    string: Option<String>,
    org: String,
    made: u64,
    expires_at: Option<u64>,
    predecessor: Option<usize>,
    end: Option<End>,
    /// Which of the pseudonyms it has, since the mentor was forgotten.
    pseudonym: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum End {
    Rotated {
        successor: usize,
    },
    Invalidated {
        at: u64,
    },
    /// The same, and no answer has shown the time yet, which is not before this.
    InvalidatedSince(u64),
    Expired,
}

/// A time as an answer shows it.
fn text(millis: u64) -> String {
    Timestamp::from_unix_seconds(i64::try_from(millis / 1000).unwrap()).unwrap().to_string()
}

/// Unix milliseconds of an RFC 3339 time.
pub fn millis(text: &str) -> u64 {
    Timestamp::parse(text).unwrap().unix_millis()
}

impl Code {
    fn status(&self, now: u64) -> &'static str {
        match &self.end {
            Some(End::Rotated { .. }) => "rotated",
            Some(End::Invalidated { .. } | End::InvalidatedSince(_)) => "invalidated",
            Some(End::Expired) => "expired",
            None if self.expires_at.is_some_and(|end| end <= now) => "expired",
            None => "active",
        }
    }
}

impl Mentor {
    /// The states that may follow the call: none if this state does not answer it as it was answered. There are several
    /// if a string may be that of one or the other code without one.
    pub fn answer(&self, operation: &Operation, answer: &Answer) -> Vec<Self> {
        let now = operation.now;
        match (&operation.request, answer) {
            (Request::List { status }, Answer::Listed(shown)) => {
                let mut after = self.clone();
                let fits = |code: &Code| {
                    code.pseudonym.is_none() && status.as_ref().is_none_or(|status| code.status(now) == status)
                };
                let newest_first = (0..self.codes.len()).rev().filter(|code| fits(&self.codes[*code]));
                let wanted: Vec<_> = newest_first.collect();
                let is_shown = wanted.len() == shown.len()
                    && wanted.iter().zip(shown).all(|(code, shown)| after.shows(*code, shown, now));
                if is_shown { vec![after] } else { Vec::new() }
            }
            (Request::ListByCode { code: string } | Request::Follow { code: string }, answer) => {
                let known = self.codes.iter().position(|code| code.string.as_ref() == Some(string));
                let is_absent = matches!(answer, Answer::NotFound) || *answer == Answer::Listed(Vec::new());
                if known.is_none() && is_absent {
                    return vec![self.clone()];
                }
                let possible = known.map_or(0..self.codes.len(), |code| code..code + 1);
                possible.filter_map(|code| self.by_string(code, string, answer, now)).collect()
            }
            (Request::EndActive, _) => self.take_effect(operation).into_iter().chain([self.clone()]).collect(),
            _ => {
                let mut after = self.clone();
                if after.carry_out(operation, Some(answer)) { vec![after] } else { Vec::new() }
            }
        }
    }

    /// The state in which this code has this string, and what asks for the string is answered like this: by the code, or as a
    /// short link by the active code to which rotations alone have led from it.
    fn by_string(&self, code: usize, string: &str, answer: &Answer, now: u64) -> Option<Self> {
        let mut end = code;
        while let Some(End::Rotated { successor, .. }) = &self.codes[end].end {
            end = *successor;
        }
        let mut after = self.clone();
        let fits = after.has_string(code, string)
            && match answer {
                Answer::Listed(shown) => matches!(&shown[..], [one] if after.shows(code, one, now)),
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
        let now = operation.now;
        let request = if let Request::Lost(request) = &operation.request { request } else { &operation.request };
        match request {
            Request::Post { org, expires_at } => self.post(org, expires_at.as_deref().map(millis), operation, answer),
            Request::PutByOtherMentor { .. } => matches!(answer, None | Some(Answer::MentorMismatch)),
            Request::Put { id } => match self.named(id) {
                Some(code) => self.put(code, operation, answer),
                None => matches!(answer, None | Some(Answer::NotFound)),
            },
            Request::Delete { id } => match self.named(id) {
                Some(code) => self.delete(code, operation, answer),
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
            Request::Lost(_) => unreachable!("a change is lost once"),
            Request::EndActive => {
                if let Some(active) = self.active(now) {
                    self.codes[active].end = Some(End::Invalidated { at: now.max(self.codes[active].made) });
                    self.last = None;
                }
                true
            }
            Request::Forget => self.forget(),
        }
    }

    /// Whether the mentor can be forgotten: no code is active, but for one that may have expired since.
    fn forget(&mut self) -> bool {
        if self.last.is_some_and(|last| self.codes[last].expires_at.is_none()) {
            return false;
        }
        for code in self.codes.iter_mut().filter(|code| code.pseudonym.is_none()) {
            code.pseudonym = Some(self.pseudonyms.len());
        }
        self.pseudonyms.push(None);
        self.last = None;
        true
    }

    /// Whether this is shown as the mentor of a code: a pseudonym, if the mentor was forgotten, and always the same.
    fn is_of(&mut self, code: usize, shown: &str) -> bool {
        let is_pseudonym = shown.starts_with("forgotten-");
        match self.codes[code].pseudonym {
            None => !is_pseudonym,
            Some(nth) => is_pseudonym && self.pseudonyms[nth].get_or_insert_with(|| shown.to_owned()) == shown,
        }
    }

    fn post(&mut self, org: &str, expires_at: Option<u64>, call: &Operation, answer: Option<&Answer>) -> bool {
        let now = call.now;
        if let Some(active) = self.active(now) {
            let same_org = self.codes[active].org == org;
            return match answer {
                Some(Answer::Existing(shown)) => same_org && self.shows(active, shown, now),
                Some(Answer::MentorInOtherOrg { active_id }) => !same_org && self.has_id(active, active_id),
                Some(_) => false,
                None => true,
            };
        }
        if answer == Some(&Answer::OrgClosed) {
            return true;
        }
        let made_at = self.time_of_next(call);
        if expires_at.is_some_and(|end| end / 1000 <= made_at / 1000) {
            return matches!(answer, None | Some(Answer::ExpiresInThePast));
        }
        if let Some(expired) = self.last {
            self.codes[expired].end = Some(End::Expired);
        }
        let made = self.create(org.to_owned(), expires_at, None, made_at);
        match answer {
            Some(Answer::Created(shown)) => self.shows(made, shown, now),
            Some(_) => false,
            None => true,
        }
    }

    fn put(&mut self, code: usize, call: &Operation, answer: Option<&Answer>) -> bool {
        let now = call.now;
        let active = self.active(now);
        if self.codes[code].pseudonym.is_some() {
            return matches!(answer, None | Some(Answer::MentorMismatch));
        }
        if answer == Some(&Answer::OrgClosed) {
            return active == Some(code);
        }
        let successor = if active == Some(code) {
            let old = self.codes[code].clone();
            let successor = self.create(old.org, old.expires_at, Some(code), self.time_of_next(call));
            self.codes[code].end = Some(End::Rotated { successor });
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

    fn delete(&mut self, code: usize, call: &Operation, answer: Option<&Answer>) -> bool {
        let (now, made) = (call.now, self.codes[code].made);
        if self.active(now) == Some(code) {
            let at = now.max(made);
            let end = if call.is_lost() { End::InvalidatedSince(at) } else { End::Invalidated { at } };
            self.codes[code].end = Some(end);
            self.last = None;
        }
        match (answer, &self.codes[code].end) {
            (Some(answer), Some(End::Invalidated { .. } | End::InvalidatedSince(_))) => match answer {
                Answer::Invalidated { at } => self.ended_at(code, Some(at)),
                _ => false,
            },
            (Some(answer), _) => self.not_active(code, now, answer),
            (None, _) => true,
        }
    }

    /// Whether this is shown as the time when the code was invalidated, if it was. The first answer that shows an unknown time
    /// tells it.
    fn ended_at(&mut self, code: usize, shown: Option<&String>) -> bool {
        let end = &mut self.codes[code].end;
        if let (Some(End::InvalidatedSince(earliest)), Some(at)) = (&end, shown.map(|at| millis(at)))
            && *earliest / 1000 <= at / 1000
        {
            *end = Some(End::Invalidated { at });
        }
        match end {
            Some(End::Invalidated { at }) => shown == Some(&text(*at)),
            Some(End::InvalidatedSince(_)) => false,
            _ => shown.is_none(),
        }
    }

    fn not_active(&mut self, code: usize, now: u64, answer: &Answer) -> bool {
        let Answer::NotActive { status, active_id } = answer else { return false };
        status == self.codes[code].status(now)
            && status != "active"
            && match (self.active(now).filter(|_| self.codes[code].pseudonym.is_none()), active_id) {
                (Some(active), Some(id)) => self.has_id(active, id),
                (active, id) => active.is_none() && id.is_none(),
            }
    }

    /// When a code is made that this call makes.
    fn time_of_next(&self, call: &Operation) -> u64 {
        let now = call.now;
        let last = self.codes.last().filter(|last| !call.is_lost() && last.pseudonym.is_none());
        let Some(last) = last else { return now };
        let end = if let Some(End::Invalidated { at }) = last.end { at / 1000 * 1000 } else { 0 };
        now.max(last.made + 1).max(end)
    }

    fn create(&mut self, org: String, expires_at: Option<u64>, predecessor: Option<usize>, made: u64) -> usize {
        let index = self.codes.len();
        self.codes.push(Code {
            id: None,
            string: None,
            org,
            made,
            expires_at,
            predecessor,
            end: None,
            pseudonym: None,
        });
        self.last = Some(index);
        index
    }

    fn active(&self, now: u64) -> Option<usize> {
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
    fn shows(&mut self, index: usize, shown: &Document, now: u64) -> bool {
        let code = self.codes[index].clone();
        let (mut rotated_at, mut successor) = (code.predecessor.map(|_| code.made), None);
        if let Some(End::Rotated { successor: by }) = code.end {
            (rotated_at, successor) = (Some(self.codes[by].made), Some(by));
        }
        self.has_id(index, &shown.id)
            && self.is_of(index, &shown.mentor_id)
            && self.has_string(index, &shown.code)
            && (&shown.org_id, &shown.created_at) == (&code.org, &text(code.made))
            && shown.expires_at == code.expires_at.map(text)
            && shown.rotated_at == rotated_at.map(text)
            && self.ended_at(index, shown.invalidated_at.as_ref())
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
