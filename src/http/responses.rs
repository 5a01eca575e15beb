//! The documents of the owner's contract: field names, their order and their formats are binding.
//!
//! A field that the owner's example does not show appears only where it has a value. `expires_at` is shown there, so
//! it is always written, as null where the code does not expire.

use serde::Serialize;

use crate::model::{CodeString, ReferralCode, State, Timestamp};
use crate::settings::ServiceSettings;
use crate::store::{Invalidated, Page, PageRequest};

/// A code.
#[derive(Serialize)]
pub(super) struct CodeDocument {
    id: String,
    mentor_id: String,
    org_id: String,
    code: String,
    url: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    successor_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invalidated_at: Option<String>,
    created_at: String,
    expires_at: Option<String>,
}

/// A page of codes, or what a step of a walk met.
#[derive(Serialize)]
pub(super) struct ListDocument {
    data: Vec<CodeDocument>,
    pagination: Pagination,
}

/// Where in the listing this is. A step of a walk has no number and counts nothing.
#[derive(Serialize)]
struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u64>,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What a DELETE answers.
#[derive(Serialize)]
pub(super) struct InvalidatedDocument {
    id: String,
    status: &'static str,
    invalidated_at: String,
}

/// A code's URLs.
#[derive(Serialize)]
pub(super) struct UrlDocument {
    code: String,
    url: String,
    short_url: String,
    generated_at: String,
}

impl CodeDocument {
    pub(super) fn new(code: &ReferralCode, settings: &ServiceSettings, now: Timestamp) -> Self {
        let (successor_id, invalidated_at) = match &code.state {
            State::Active | State::Expired { .. } => (None, None),
            State::Rotated { successor, .. } => (Some(successor.id.to_string()), None),
            State::Invalidated { at } => (None, Some(at.to_string())),
        };
        Self {
            id: code.id.to_string(),
            mentor_id: code.mentor_id.to_string(),
            org_id: code.org_id.to_string(),
            code: code.code.to_string(),
            url: join_url(&code.code, settings),
            status: code.status(now).as_str(),
            previous_code: code.rotated_from().map(|predecessor| predecessor.code.to_string()),
            rotated_at: code.rotated_at().map(|at| at.to_string()),
            successor_id,
            invalidated_at,
            created_at: code.created_at().to_string(),
            expires_at: code.expires_at.map(|at| at.to_string()),
        }
    }
}

impl ListDocument {
    pub(super) fn page(
        page: &Page,
        request: &PageRequest,
        next_cursor: Option<String>,
        settings: &ServiceSettings,
        now: Timestamp,
    ) -> Self {
        let (number, total) = (Some(request.page), Some(page.total));
        Self {
            data: codes(&page.codes, settings, now),
            pagination: Pagination { page: number, limit: request.limit, total, next_cursor },
        }
    }

    pub(super) fn cursor_page(
        met: &[ReferralCode],
        limit: u32,
        next_cursor: Option<String>,
        settings: &ServiceSettings,
        now: Timestamp,
    ) -> Self {
        Self { data: codes(met, settings, now), pagination: Pagination { page: None, limit, total: None, next_cursor } }
    }
}

impl InvalidatedDocument {
    pub(super) fn new(invalidated: &Invalidated) -> Self {
        Self { id: invalidated.id.to_string(), status: "invalidated", invalidated_at: invalidated.at.to_string() }
    }
}

impl UrlDocument {
    pub(super) fn new(code: &CodeString, settings: &ServiceSettings, now: Timestamp) -> Self {
        Self {
            code: code.to_string(),
            url: join_url(code, settings),
            short_url: format!("{}/{code}", settings.short_url_base),
            generated_at: now.to_string(),
        }
    }
}

fn codes(codes: &[ReferralCode], settings: &ServiceSettings, now: Timestamp) -> Vec<CodeDocument> {
    codes.iter().map(|code| CodeDocument::new(code, settings, now)).collect()
}

fn join_url(code: &CodeString, settings: &ServiceSettings) -> String {
    format!("{}?ref={code}", settings.join_url_base)
}
