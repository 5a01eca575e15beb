//! The audit and the repair of the store: tables whose items contradict each other, as a restored backup may hold them.
//!
//! * `table`: a table as items, taken from one service and put into another; passes of audit and repair;
//! * `lost_change`: a change of which a backup holds a part, and its repair while calls run;
//! * `restored`: every change with every part of its items left out, and changes of histories at random;
//! * `skewed`: parts of several changes left out;
//! * `findings`: a table for each contradiction there is;
//! * `busy`: a sound table, audited while calls run;
//! * `calls`: calls on a table that is not repaired yet.

mod busy;
mod calls;
mod findings;
mod lost_change;
pub mod restored;
mod skewed;
pub mod table;
