//! Field types that take whatever stands on disk: a value of another type than expected is absent, never an error.
//!
//! The client's format is internal and drifts, so a changed field must cost that field only, never its line. The
//! derived `Deserialize` of serde would fail the line on a wrong type and on a duplicate key; these do neither.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

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

/// A key of an object, which may hold escapes too.
pub(super) struct Key<'a>(pub Cow<'a, str>);

/// The visitor methods that swallow a value of no interest.
macro_rules! swallow {
    (scalars -> $absent:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($absent)
        }
    };
    (bool -> $absent:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($absent)
        }
    };
    (numbers -> $absent:expr) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($absent)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($absent)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($absent)
        }
    };
    (text -> $absent:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($absent)
        }
    };
    (map -> $absent:expr) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
            Ok($absent)
        }
    };
    (seq -> $absent:expr) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok($absent)
        }
    };
}
pub(super) use swallow;

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }
    swallow!(scalars -> Text(None));
    swallow!(bool -> Text(None));
    swallow!(numbers -> Text(None));
    swallow!(map -> Text(None));
    swallow!(seq -> Text(None));
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Float;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number")
    }
    fn visit_i64<E>(self, value: i64) -> Result<Float, E> {
        Ok(Float(Some(value as f64)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Float, E> {
        Ok(Float(Some(value as f64)))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Float, E> {
        Ok(Float(Some(value)))
    }
    swallow!(scalars -> Float(None));
    swallow!(bool -> Float(None));
    swallow!(text -> Float(None));
    swallow!(map -> Float(None));
    swallow!(seq -> Float(None));
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Every number of the format is far below 2^53, where a float is still exact; beyond it is no count of anything.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let value = Float::deserialize(deserializer)?.0;
        let exact = value.filter(|value| value.abs() <= EXACT).map(|value| value.round() as i64);
        Ok(Self(exact, value.is_some() && exact.is_none()))
    }
}

struct FlagVisitor;

impl<'de> Visitor<'de> for FlagVisitor {
    type Value = Flag;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a truth value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Flag, E> {
        Ok(Flag(value))
    }
    swallow!(scalars -> Flag(false));
    swallow!(numbers -> Flag(false));
    swallow!(text -> Flag(false));
    swallow!(map -> Flag(false));
    swallow!(seq -> Flag(false));
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlagVisitor)
    }
}

/// A list whose elements are lenient themselves; anything else is an empty list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct ListVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(List(list))
    }
    swallow!(scalars -> List(Vec::new()));
    swallow!(bool -> List(Vec::new()));
    swallow!(numbers -> List(Vec::new()));
    swallow!(text -> List(Vec::new()));
    swallow!(map -> List(Vec::new()));
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(std::marker::PhantomData))
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

struct TableVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TableVisitor<T> {
    type Value = Table<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table<'de, T>, A::Error> {
        let mut table = Vec::new();
        while let Some((Key(key), value)) = map.next_entry()? {
            table.push((key, value));
        }
        Ok(Table(table))
    }
    swallow!(scalars -> Table(Vec::new()));
    swallow!(bool -> Table(Vec::new()));
    swallow!(numbers -> Table(Vec::new()));
    swallow!(text -> Table(Vec::new()));
    swallow!(seq -> Table(Vec::new()));
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TableVisitor(std::marker::PhantomData))
    }
}

/// Makes a struct of lenient fields that reads itself from an object: unknown keys are skipped, the last of two equal
/// keys wins, and anything that is no object is the default.
macro_rules! record {
    ($(#[$doc:meta])* struct $name:ident<'a> { $($key:literal => $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $name<'a> { $(pub $field: $type,)+ }
        record!(@read $name<'de> { $($key => $field,)+ });
    };
    ($(#[$doc:meta])* struct $name:ident { $($key:literal => $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $name { $(pub $field: $type,)+ }
        record!(@read $name { $($key => $field,)+ });
    };
    (@read $value:ty { $($key:literal => $field:ident,)+ }) => {
        const _: () = {
            struct RecordVisitor;
            impl<'de> serde::de::Visitor<'de> for RecordVisitor {
                type Value = $value;
                fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut record = Self::Value::default();
                    while let Some($crate::transcript::claude::lenient::Key(key)) = map.next_key()? {
                        match &*key {
                            $($key => record.$field = map.next_value()?,)+
                            _ => {
                                map.next_value::<serde::de::IgnoredAny>()?;
                            }
                        }
                    }
                    Ok(record)
                }
                $crate::transcript::claude::lenient::swallow!(scalars -> Self::Value::default());
                $crate::transcript::claude::lenient::swallow!(bool -> Self::Value::default());
                $crate::transcript::claude::lenient::swallow!(numbers -> Self::Value::default());
                $crate::transcript::claude::lenient::swallow!(text -> Self::Value::default());
                $crate::transcript::claude::lenient::swallow!(seq -> Self::Value::default());
            }
            impl<'de> serde::de::Deserialize<'de> for $value {
                fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_any(RecordVisitor)
                }
            }
        };
    };
}
pub(super) use record;
