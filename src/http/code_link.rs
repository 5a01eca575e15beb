//! A code's own link in the place of the code: people copy `short_url` and `url` from where they see them.

use percent_encoding::percent_decode_str;

use crate::model::{CodeString, is_around_a_code};
use crate::settings::ServiceSettings;

/// Reads a code as people type it, or the code of a link as `SHORT_URL_BASE` and `JOIN_URL_BASE` have it. None if the text
/// is neither; a link to another host or path is no code.
pub(super) fn parse(text: &str, settings: &ServiceSettings) -> Option<CodeString> {
    let typed = |text: &str| CodeString::parse_typed(text, &settings.campaign);
    typed(text).or_else(|| {
        let link = without_scheme(text.trim_start_matches(is_around_a_code));
        let of_short_link = below(link, &settings.short_url_base, str::eq_ignore_ascii_case)
            .and_then(|rest| rest.strip_prefix('/')?.split(['?', '#']).next());
        let base_has_no_path = !without_scheme(&settings.join_url_base).contains('/');
        let of_join_link = || {
            below(link, &settings.join_url_base, |one, other| one == other)
                // A browser shows a base without a path with a slash.
                .map(|rest| rest.strip_prefix('/').filter(|_| base_has_no_path).unwrap_or(rest))
                .and_then(|rest| reference(rest.strip_prefix('?')?))
        };
        typed(&percent_decode_str(of_short_link.or_else(of_join_link)?).decode_utf8_lossy())
    })
}

/// What follows the base in a link. The case of the host does not matter; `is_same` compares the paths.
fn below<'t>(link: &'t str, base: &str, is_same: impl Fn(&str, &str) -> bool) -> Option<&'t str> {
    let base = without_scheme(base);
    let (start, rest) = link.split_at_checked(base.len())?;
    let (host, path) = base.split_at(base.find('/').unwrap_or(base.len()));
    let (link_host, link_path) = start.split_at_checked(host.len())?;
    (link_host.eq_ignore_ascii_case(host) && is_same(link_path, path)).then_some(rest)
}

fn reference(query: &str) -> Option<&str> {
    let query = query.split('#').next().unwrap_or_default();
    let mut references = query.split('&').filter_map(|parameter| parameter.strip_prefix("ref="));
    references.next().filter(|_| references.next().is_none())
}

fn without_scheme(link: &str) -> &str {
    let scheme = |scheme: &str| link.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    ["https://", "http://"].into_iter().find(|known| scheme(known)).map_or(link, |known| &link[known.len()..])
}
