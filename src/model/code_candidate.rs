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

    /// When a code made of the candidate was made.
    pub fn created_at(&self) -> Timestamp {
        call_context::created_at(self.ulid)
    }

    /// The id of the candidate.
    pub fn id(&self) -> CodeId {
        CodeId::of_ulid(self.ulid, self.id_digits).expect("digits in range")
    }

    /// The code string of the candidate.
    pub fn code(&self, label: &Label, campaign: &Campaign) -> CodeString {
        CodeString::new(label, campaign, &self.id(), self.suffix_digits)
    }

    /// A candidate that can take the place of `held`.
    ///
    /// Its id is another one: DynamoDB allows an item once in a transaction. And its ULID is later than the creation and the
    /// end of `held`, whichever clocks told those. So a mentor's codes follow each other by their ULIDs, and none was made
    /// before the last one had ended, as far as answers show, although the clocks of processes differ.
    pub fn following(mut self, held: &ReferralCode, cx: &CallContext<'_>) -> Self {
        while self.id() == held.id {
            self = self.after_collision(true, false, cx);
        }
        let earliest = (held.ulid.timestamp_ms() + 1).max(held.ended_at().map_or(0, Timestamp::unix_millis));
        let ulid = Ulid::from_parts(self.ulid.timestamp_ms().max(earliest), self.ulid.random());
        Self { ulid, ..self }
    }

    /// The next candidate, after the id, the code string, or both were taken by another code.
    pub fn after_collision(self, id_taken: bool, code_taken: bool, cx: &CallContext<'_>) -> Self {
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
    use crate::model::{MentorId, Sources, any_code};
    use proptest::prelude::*;
    use std::time::SystemTime;

    fn candidate(random: u128) -> CodeCandidate {
        CodeCandidate::new(Ulid::from_parts(0, random))
    }

    #[test]
    fn candidate_takes_a_new_ulid_after_the_last_digit() {
        let sources = Sources::new(|| SystemTime::UNIX_EPOCH, || 7);
        let mut last = candidate(1);
        for _ in CodeId::SHORTEST..CodeId::LONGEST {
            last = last.after_collision(true, false, &sources.call_context());
            assert_eq!(last.ulid().random(), 1);
        }
        assert_eq!(last.after_collision(true, false, &sources.call_context()), candidate(7));
    }

    proptest! {
        /// Whatever the clocks say, and whichever way the code has ended.
        #[test]
        fn following_candidate_is_later_than_the_code_and_its_end(
            held in any_code(), now_ms in 0..4_000_000_000_000_u64, has_same_id in any::<bool>(), random in 0..1_u128 << 80,
        ) {
            let sources = Sources::new(|| SystemTime::UNIX_EPOCH, || 7);
            let random = if has_same_id { held.ulid.random() } else { random };
            let candidate = CodeCandidate::new(Ulid::from_parts(now_ms, random));
            let following = candidate.following(&held, &sources.call_context());
            prop_assert!(following.ulid() > held.ulid && following.id() != held.id);
            prop_assert!(held.ended_at().is_none_or(|at| following.created_at() >= at));
            prop_assert_eq!(following.following(&held, &sources.call_context()), following);
        }

        /// After any sequence of collisions, the suffix is the upper-cased start of the id's digits, and both parse.
        #[test]
        fn the_suffix_is_always_the_start_of_the_id(
            random in 0..1_u128 << 80,
            collisions in prop::collection::vec((any::<bool>(), any::<bool>()), 0..60),
        ) {
            let sources = Sources::new(|| SystemTime::UNIX_EPOCH, move || random.rotate_left(3));
            let label = Label::for_mentor(None, &MentorId::parse("usr_1").expect("an id"));
            let campaign = Campaign::parse("VERV").expect("a campaign");
            let mut candidate = candidate(random);
            for (id_taken, code_taken) in collisions {
                candidate = candidate.after_collision(id_taken, code_taken, &sources.call_context());
                let (id, code) = (candidate.id(), candidate.code(&label, &campaign));
                let suffix = code.as_str().rsplit('-').next().expect("a suffix").to_ascii_lowercase();
                prop_assert!(id.as_str()[3..].starts_with(&suffix));
                prop_assert!(CodeId::parse(id.as_str()).is_ok() && CodeString::parse(code.as_str()).is_ok());
            }
        }
    }
}
