//! Tests of the rules, one for each.
