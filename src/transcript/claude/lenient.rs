//! Field types that take whatever stands on disk: a value of another type than expected is absent, never an error.
//!
//! The client's format is internal and drifts, so a changed field must cost that field only, never its line.

use std::borrow::Cow;

use crate::transcript::json::{Cursor, JsonError, Quoted};

/// Something that reads itself from the place where its value stands.
pub(super) trait Field<'a>: Default {
    /// Reads the value into a field that holds none yet.
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError>;
}

/// Text, borrowed from the line where it holds no escape.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Text<'a>(pub Option<Cow<'a, str>>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// A whole number; fractions are rounded, what is out of range is absent, and marked as that.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Int(pub Option<i64>, pub bool);

impl Int {
    /// Whether it counts nothing that there can be: negative, or beyond every count.
    pub(super) fn is_absurd_count(self) -> bool {
        self.1 || self.0.is_some_and(i64::is_negative)
    }

    pub(super) fn unsigned(self) -> Option<u64> {
        self.0.and_then(|value| u64::try_from(value).ok())
    }
}

/// A number with a fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Float(pub Option<f64>);

/// A truth value; whatever is not `true` is false.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Flag(pub bool);

/// A list whose elements are lenient themselves; anything else is an empty list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// An object whose keys are names of their own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table<'a, T>(pub Vec<(Cow<'a, str>, T)>);

impl<T> Default for Table<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a> Field<'a> for Quoted<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        match cursor.peek() {
            Some(b'"') => *self = cursor.string()?,
            _ => cursor.unwanted()?,
        }
        Ok(())
    }
}

impl<'a> Field<'a> for Option<Quoted<'a>> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        match cursor.peek() {
            Some(b'"') => *self = Some(cursor.string()?),
            _ => cursor.unwanted()?,
        }
        Ok(())
    }
}

impl<'a> Field<'a> for Text<'a> {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        match cursor.peek() {
            Some(b'"') => self.0 = Some(cursor.string()?.text()),
            _ => cursor.unwanted()?,
        }
        Ok(())
    }
}

impl<'a> Field<'a> for Float {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        match cursor.peek() {
            Some(b'-' | b'0'..=b'9') => self.0 = Some(cursor.number()?),
            _ => cursor.unwanted()?,
        }
        Ok(())
    }
}

impl<'a> Field<'a> for Int {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        // Every number of the format is far below 2^53, where a float is still exact; beyond it is no count of anything.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let mut number = Float::default();
        number.read(cursor)?;
        let value = number.0;
        self.0 = value.filter(|value| value.abs() <= EXACT).map(|value| value.round() as i64);
        self.1 = value.is_some() && self.0.is_none();
        Ok(())
    }
}

impl<'a> Field<'a> for Flag {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        self.0 = cursor.truth()?.unwrap_or_default();
        Ok(())
    }
}

impl<'a, T: Field<'a>> Field<'a> for List<T> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        if cursor.peek() != Some(b'[') {
            return cursor.unwanted();
        }
        cursor.array(|cursor| {
            let mut element = T::default();
            element.read(cursor)?;
            if self.0.is_empty() {
                // Most lists have one element, and elements are large.
                self.0.reserve_exact(1);
            }
            self.0.push(element);
            Ok(())
        })
    }
}

impl<'a, T: Field<'a>> Field<'a> for Table<'a, T> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        if cursor.peek() != Some(b'{') {
            return cursor.unwanted();
        }
        cursor.object(|key, cursor| {
            let mut value = T::default();
            value.read(cursor)?;
            self.0.push((key.text(), value));
            Ok(())
        })
    }
}

/// Makes a struct of lenient fields that reads itself from an object: unknown keys are skipped, the last of two equal
/// keys wins, and anything that is no object is the default.
macro_rules! record {
    ($(#[$doc:meta])* struct $name:ident<'a> { $($key:literal => $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $name<'a> { $(pub $field: $type,)+ }
        record!(@read $name<'a> { $($key => $field,)+ });
    };
    ($(#[$doc:meta])* struct $name:ident { $($key:literal => $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $name { $(pub $field: $type,)+ }
        record!(@read $name { $($key => $field,)+ });
    };
    (@read $value:ty { $($key:literal => $field:ident,)+ }) => {
        const _: () = {
            use $crate::transcript::claude::lenient::Field;
            use $crate::transcript::json::{Cursor, JsonError, Names};

            #[derive(Clone, Copy)]
            #[expect(non_camel_case_types, reason = "named as the fields are")]
            enum Named { $($field,)+ }
            static NAMES: Names<Named, { [$($key),+].len() }> = Names::new([$(($key, Named::$field)),+]);

            impl<'a> Field<'a> for $value {
                fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
                    if cursor.peek() != Some(b'{') {
                        return cursor.unwanted();
                    }
                    cursor.object(|key, cursor| match NAMES.find(&key.text()) {
                        $(Some(Named::$field) => {
                            self.$field = Default::default();
                            self.$field.read(cursor)
                        })+
                        _ => cursor.skip(),
                    })
                }
            }
        };
    };
}
pub(super) use record;
