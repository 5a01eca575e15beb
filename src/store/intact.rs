//! Whether an answer of the table arrived whole.
//!
//! The SDK takes an empty body for an empty document. A success that lost its body on the way would so become "no such
//! item" to a read and "done" to a write that nobody has carried out. `DynamoDB` answers every success with a document,
//! and sends the body's checksum along, which the SDK for Rust does not look at (those for Go and Java do).
//! An answer that fails here is an unreadable success, which [`super::retry`] has sent again.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

const CHECKSUM: &str = "x-amz-crc32";

/// Refuses answers that did not arrive whole.
#[derive(Debug)]
pub(super) struct Intact;

#[dyn_dispatch_hint]
impl Intercept for Intact {
    fn name(&self) -> &'static str {
        "answers must arrive whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if !response.status().is_success() {
            return Ok(());
        }
        let Some(body) = response.body().bytes().filter(|body| !body.is_empty()) else {
            return Err("a success without a body".into());
        };
        match response.headers().get(CHECKSUM).map(str::parse::<u32>) {
            Some(Ok(sent)) if sent != crc32(body) => Err("the body is not the one whose checksum came with it".into()),
            _ => Ok(()),
        }
    }
}

/// CRC-32 as in IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| (crc >> 8) ^ TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)])
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u32;
    while byte < 256 {
        let (mut crc, mut bit) = (byte, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the algorithm, and the body of an empty answer.
    #[test]
    fn the_checksum_is_the_one_that_dynamodb_sends() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b"{}"), 2_745_614_147);
    }
}
