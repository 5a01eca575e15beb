//! The rules of referral codes: the forms of ids, code strings, labels and times, and the states of a code. Values
//! only: no HTTP, no table, no clock.

mod call_context;
mod code_candidate;
mod code_id;
mod code_string;
mod external_id;
mod label;
mod listing;
mod page;
mod referral_code;
mod sight;
mod text;
mod timestamp;
mod typed_code;

pub use call_context::Sources;
pub use code_id::CodeId;
pub use code_string::{Campaign, CodeString};
pub use listing::Listing;
pub use timestamp::Timestamp;

pub(crate) use call_context::CallContext;
pub(crate) use code_candidate::CodeCandidate;
pub(crate) use external_id::{MentorId, MentorName, OrgId};
pub(crate) use label::Label;
pub(crate) use page::{CursorPage, CursorPageRequest, Filter, Order, Page, PageRequest};
pub(crate) use referral_code::{CodeRef, Origin, ReferralCode, State, Status};
pub(crate) use sight::{OutOfSight, Sight};
pub(crate) use text::InvalidText;
pub(crate) use typed_code::is_around_a_code;
