//! Tests of the table against the embedded engine.
