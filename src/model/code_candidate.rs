//! The id and the code string of a new code, made from one ULID, and what follows if they are taken. The ULID is the place in
//! the listings, too. (Every create would write a counter, and the next id could be guessed; a UUID gives no order.)
//!
//! The digits grow one at a time, so that both stay as short as possible. The contract: "4 of them as long as the code
//! so made is free, more (of the same id) where it is not". After the 20 digits of a ULID, a new ULID is taken.

use ulid::Ulid;

use super::{CallContext, Campaign, CodeId, CodeString, Label, ReferralCode, Timestamp, call_context};

/// An id and a code string that a new code can have if both are free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeCandidate {
    ulid: Ulid,
    id_digits: usize,
    suffix_digits: usize,
}

impl CodeCandidate {
    /// The shortest id and code string that `ulid` gives.
    pub fn new(ulid: Ulid) -> Self {
        Self { ulid, id_digits: CodeId::SHORTEST, suffix_digits: CodeString::SHORTEST_SUFFIX }
    }

    /// The ULID behind the candidate. It tells this call's own write from every other one.
    pub fn ulid(&self) -> Ulid {
        self.ulid
    }

    pub fn created_at(&self) -> Timestamp {
        call_context::created_at(self.ulid)
    }

    pub fn id(&self) -> CodeId {
        CodeId::of_ulid(self.ulid, self.id_digits).expect("digits in range")
    }

    pub fn code(&self, label: &Label, campaign: &Campaign) -> CodeString {
        CodeString::new(label, campaign, &self.id(), self.suffix_digits)
    }

    /// A candidate that can take the place of `held`.
    ///
    /// Its id is another one: DynamoDB allows an item once in a transaction. And its ULID is later than the creation and the
    /// end of `held`, whichever clocks told those. So a mentor's codes follow each other by their ULIDs, and none was made
    /// before the last one had ended, as far as answers show, although the clocks of processes differ.
    pub fn following(mut self, held: &ReferralCode, cx: &CallContext) -> Self {
        while self.id() == held.id {
            self = self.after_collision(true, false, cx);
        }
        let earliest = (held.ulid.timestamp_ms() + 1).max(held.ended_at().map_or(0, Timestamp::unix_millis));
        let ulid = Ulid::from_parts(self.ulid.timestamp_ms().max(earliest), self.ulid.random());
        Self { ulid, ..self }
    }

    /// The next candidate, after the id, the code string, or both were taken by another code.
    pub fn after_collision(self, id_taken: bool, code_taken: bool, cx: &CallContext) -> Self {
        let suffix_digits = self.suffix_digits + usize::from(code_taken);
        // The suffix is the start of the id's digits, so the id must be at least as long.
        let id_digits = (self.id_digits + usize::from(id_taken)).max(suffix_digits);
        if id_digits > CodeId::LONGEST {
            Self::new(cx.new_ulid())
        } else {
            Self { ulid: self.ulid, id_digits, suffix_digits }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MentorId, Sources};

    #[test]
    fn id_is_never_shorter_than_the_suffix() {
        let sources = Sources::new(std::time::SystemTime::now, || 7);
        let label = Label::for_mentor(None, &MentorId::parse("usr_1").expect("an id"));
        let campaign = Campaign::parse("VERV").expect("a campaign");
        let mut candidate = CodeCandidate::new(Ulid::from_parts(1, u128::MAX));
        for _ in CodeString::SHORTEST_SUFFIX..CodeId::LONGEST {
            candidate = candidate.after_collision(false, true, &sources.call_context());
            let (id, code) = (candidate.id(), candidate.code(&label, &campaign));
            let suffix = code.as_str().rsplit('-').next().expect("a suffix").to_ascii_lowercase();
            assert!(id.digits().starts_with(&suffix), "{id} {code}");
        }
    }
}
