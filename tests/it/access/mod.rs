//! Who may call (`ACCESS=jwt`): which token sees and changes which codes, whatever sends the event.

mod claims;
mod confined_lists;
mod cors;
mod decisions;
mod fixture;
mod noninterference;
mod open_routes;
mod request_log;
mod tokens;
