//! The rules that hold whatever carries them: what an id, a code string, a label and a time look like, and what may
//! become of a code. Pure values: no HTTP, no table, no clock.

mod code;
mod id;
mod label;
mod naming;
mod party;
mod referral_code;
mod sources;
mod timestamp;

pub use code::{Campaign, Code, InvalidCampaign, InvalidCode};
pub use id::{CodeId, InvalidCodeId};
pub use label::Label;
pub use naming::Naming;
pub use party::{InvalidParty, MentorId, MentorName, OrgId};
pub use referral_code::{Predecessor, ReferralCode, State, Status};
pub use sources::{Mint, Sources};
pub use timestamp::{InvalidTimestamp, Timestamp};
