//! The settings of the console's sign-in: OpenID Connect, by the provider whose tokens the API takes.

use serde::Serialize;

use super::Reader;

/// `CONSOLE_…`: how the console's page gets a token. <https://openid.net/specs/openid-connect-core-1_0.html>
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SignIn {
    /// `CONSOLE_ISSUER`: the provider, as the claim `iss` of its tokens has it.
    pub issuer: String,
    /// `CONSOLE_CLIENT_ID`: the page, as the provider knows it: a public client.
    pub client_id: String,
    /// `CONSOLE_AUDIENCE`: the service, as the provider knows it. None: the provider needs no word.
    pub audience: Option<String>,
    /// `CONSOLE_SCOPES`: the scopes that the page asks for, separated by blanks.
    pub scopes: String,
    /// `CONSOLE_TOKEN_ORIGIN`: the origin of the provider's token endpoint. None: that of the issuer.
    pub token_origin: Option<String>,
}

impl SignIn {
    /// The origins that the page calls, for its content security policy.
    pub fn origins(&self) -> Vec<&str> {
        let issuer = split_origin(&self.issuer).map(|(origin, _)| origin);
        issuer.into_iter().chain(self.token_origin.as_deref()).collect()
    }
}

impl Reader<'_> {
    /// None unless the provider and the client are both set.
    pub(super) fn sign_in(&mut self) -> Option<SignIn> {
        let is_visible = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
        let is_scopes = |text: &str| {
            text.split(' ').all(|scope| !scope.is_empty() && is_visible(scope) && !scope.contains(['"', '\\']))
        };
        let mut matching = |name: &str, rule: &str, fits: &dyn Fn(&str) -> bool| {
            let text = self.value(name)?;
            self.require(fits(&text), name, &text, rule);
            Some(text)
        };
        let (of_url, visible) =
            ("be an http or https URL, as your tokens have it in iss", "be visible ASCII characters without blanks");
        let is_issuer = |text: &str| split_origin(text).is_some_and(|(_, path)| is_visible(path));
        let is_origin = |text: &str| split_origin(text).is_some_and(|(_, path)| path.is_empty());
        let issuer = matching("CONSOLE_ISSUER", of_url, &is_issuer);
        let client_id = matching("CONSOLE_CLIENT_ID", visible, &is_visible);
        let audience = matching("CONSOLE_AUDIENCE", visible, &is_visible);
        let scopes = matching("CONSOLE_SCOPES", "be scopes, each separated by one blank", &is_scopes);
        let token_origin = matching("CONSOLE_TOKEN_ORIGIN", "be an origin, like https://login.org.no", &is_origin);
        let scopes = scopes.unwrap_or_else(|| "codes:read codes:write".to_owned());
        Some(SignIn { issuer: issuer?, client_id: client_id?, audience, scopes, token_origin })
    }
}

/// The origin of an http or https URL, and what follows it. What a policy would read in another way is no origin.
fn split_origin(url: &str) -> Option<(&str, &str)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?.len();
    let path = url[scheme..].find('/').map_or(url.len(), |at| scheme + at);
    let host = &url[scheme..path];
    let fits = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:".contains(&b));
    fits.then(|| url.split_at(path))
}
