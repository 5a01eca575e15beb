//! The settings of the console's sign-in: OpenID Connect, by the provider whose tokens the API takes.

use serde::Serialize;

use super::Reader;
use super::cors::{is_origin, origin_of};

/// `CONSOLE_…`: how the console's page gets a token. <https://openid.net/specs/openid-connect-core-1_0.html>
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SignIn {
    /// `CONSOLE_ISSUER`: the provider, as the claim `iss` of its tokens has it.
    pub issuer: String,
    /// `CONSOLE_CLIENT_ID`: the page, as the provider knows it: a public client.
    pub client_id: String,
    /// `CONSOLE_AUDIENCE`: the service, as the provider knows it. None: the provider needs no word.
    pub audience: Option<String>,
    /// `CONSOLE_SCOPES`: the scopes that the page asks for, separated by blanks. None: `SCOPE_READ` and `SCOPE_WRITE`. Some
    /// providers are asked for a scope by another name than their tokens have (Entra ID), and refuse whoever asks for one
    /// that is not theirs, such as `SCOPE_ADMIN`.
    pub scopes: Option<String>,
    /// `CONSOLE_TOKEN_ORIGIN`: the origin of the provider's token endpoint. None: that of the issuer. The provider's discovery
    /// document has it, but the page reads that under a policy which must name it already, and the function reaches no
    /// host but the table's.
    pub token_origin: Option<String>,
}

impl SignIn {
    /// The origins that the page calls, for its content security policy.
    pub fn origins(&self) -> Vec<&str> {
        origin_of(&self.issuer).into_iter().chain(self.token_origin.as_deref()).collect()
    }
}

impl Reader<'_> {
    /// None unless the provider and the client are both set.
    pub(super) fn sign_in(&mut self) -> Option<SignIn> {
        let is_visible = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
        let is_scopes = |text: &str| {
            text.split(' ').all(|scope| !scope.is_empty() && is_visible(scope) && !scope.contains(['"', '\\']))
        };
        let (of_url, visible) = (
            "be an http or https URL, as your tokens have it in iss, with its host in lower case",
            "be visible ASCII characters without blanks",
        );
        let is_issuer = |text: &str| origin_of(text).is_some() && is_visible(text);
        let issuer = self.matching("CONSOLE_ISSUER", of_url, is_issuer);
        let client_id = self.matching("CONSOLE_CLIENT_ID", visible, is_visible);
        let audience = self.matching("CONSOLE_AUDIENCE", visible, is_visible);
        let scopes = self.matching("CONSOLE_SCOPES", "be scopes, each separated by one blank", is_scopes);
        let token_origin = self.matching("CONSOLE_TOKEN_ORIGIN", "be an origin, like https://login.org.no", is_origin);
        Some(SignIn { issuer: issuer?, client_id: client_id?, audience, scopes, token_origin })
    }
}
