//! Which codes a caller may see and change.
//!
//! A code's organisation and mentor never change, so any read of a code tells whether it is in sight, even one that is
//! not confirmed yet.

use super::{MentorId, OrgId};

/// The codes that a caller may see and change. All others look absent to that caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sight {
    /// Every code.
    All,
    /// The codes of one organisation; if there is a mentor, only those that are that mentor's too.
    Org { org_id: OrgId, mentor_id: Option<MentorId> },
}

/// A request that names, in plain words, what is out of the caller's sight.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutOfSight {
    #[error("the organisation is not the caller's")]
    Org,
    #[error("the mentor is not the caller")]
    Mentor,
}

impl Sight {
    pub fn covers(&self, org: &OrgId, mentor: &MentorId) -> bool {
        self.check(Some(org), Some(mentor)).is_ok()
    }

    /// Whether a request may name this organisation and this mentor. If neither, the error names the organisation.
    pub fn check(&self, org: Option<&OrgId>, mentor: Option<&MentorId>) -> Result<(), OutOfSight> {
        let Self::Org { org_id, mentor_id } = self else { return Ok(()) };
        if org.is_some_and(|org| org != org_id) {
            return Err(OutOfSight::Org);
        }
        match (mentor, mentor_id) {
            (Some(mentor), Some(own)) if mentor != own => Err(OutOfSight::Mentor),
            _ => Ok(()),
        }
    }
}
