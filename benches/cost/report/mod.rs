//! The results of the comparison: tables in Markdown on standard output, and the plot.

pub mod plot;
pub mod tables;
