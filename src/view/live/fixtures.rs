//! Sessions that are written line by line, for the tests of the live view.
