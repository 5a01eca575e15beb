//! What a record of the table's stream tells: that a code was made, or invalidated.
//!
//! It reads the two images that the stream record has of a code's record, as [`super::item`] writes it. All other items,
//! and all other changes of a code's record, tell nothing: the end of a code that another one replaced, a mentor's id that
//! gives way to a pseudonym, what a repair corrects.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::StoreError;
use super::dynamodb::Item;
use super::item::{STATUS, referral_code};
use crate::model::{ReferralCode, Status};

/// A record of a stream with new and old images, in the form in which EventBridge Pipes hands it on.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamRecord {
    event_name: String,
    dynamodb: Images,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    old_image: Option<Image>,
    new_image: Option<Image>,
}

type Image = HashMap<String, Attribute>;

/// An attribute of one of the two types that a code's record has. Any other is ignored, as a later release may add one.
#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "S")]
    string: Option<String>,
    #[serde(rename = "N")]
    number: Option<String>,
}

impl StreamRecord {
    /// The code that was made or invalidated, as it was then; none if the record tells nothing.
    ///
    /// # Errors
    /// It tells something of a code that this release cannot read.
    pub(crate) fn changed_code(&self) -> Result<Option<ReferralCode>, StoreError> {
        let Some(new) = &self.dynamodb.new_image else { return Ok(None) };
        let before = self.dynamodb.old_image.as_ref().and_then(status);
        match (&*self.event_name, before, status(new)) {
            ("INSERT", None, Some(Status::Active)) | ("MODIFY", Some(Status::Active), Some(Status::Invalidated)) => {
                code(new).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The stored status of a code's record. No other item has one at its top level.
fn status(image: &Image) -> Option<Status> {
    image.get(STATUS)?.string.as_ref()?.parse().ok()
}

fn code(image: &Image) -> Result<ReferralCode, StoreError> {
    let attribute = |(name, attribute): (&String, &Attribute)| {
        let string = attribute.string.clone().map(AttributeValue::S);
        Some((name.clone(), string.or(attribute.number.clone().map(AttributeValue::N))?))
    };
    Ok(referral_code(&image.iter().filter_map(attribute).collect::<Item>())?)
}
