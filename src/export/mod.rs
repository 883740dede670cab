//! What is shown in the formats of other programs. Knows neither the screens nor how a file is saved.

pub mod csv;
