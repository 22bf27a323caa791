//! OTLP in JSON as far as it is needed here, borrowed from the line it stands on.
//!
//! Writers differ: whole numbers come as numbers or as texts, a list may be missing or null. What is not named here is
//! stepped over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// One line: a request as a Collector's file exporter writes it, or the body of one with a time beside it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    pub resource_logs: Vec<ResourceLogs<'a>>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub resource_spans: Vec<ResourceSpans<'a>>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub resource_metrics: Vec<ResourceMetrics<'a>>,
    #[serde(borrow, default)]
    pub body: Option<Box<Self>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceLogs<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    pub scope_logs: Vec<ScopeLogs<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeLogs<'a> {
    #[serde(borrow, default)]
    pub scope: Scope<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub log_records: Vec<LogRecord<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceSpans<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    pub scope_spans: Vec<ScopeSpans<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeSpans<'a> {
    #[serde(borrow, default)]
    pub scope: Scope<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub spans: Vec<Span<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceMetrics<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    pub scope_metrics: Vec<ScopeMetrics<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeMetrics<'a> {
    #[serde(borrow, default)]
    pub scope: Scope<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub metrics: Vec<Metric<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Scope<'a> {
    #[serde(borrow, default)]
    pub name: Scalar<'a>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogRecord<'a> {
    #[serde(borrow, default)]
    pub time_unix_nano: Scalar<'a>,
    #[serde(borrow, default)]
    pub observed_time_unix_nano: Scalar<'a>,
    #[serde(borrow, default)]
    pub event_name: Scalar<'a>,
    #[serde(borrow, default)]
    pub body: AnyValue<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub attributes: Vec<Pair<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Span<'a> {
    #[serde(borrow, default, rename = "spanId")]
    pub id: Scalar<'a>,
    #[serde(borrow, default)]
    pub name: Scalar<'a>,
    #[serde(borrow, default)]
    pub start_time_unix_nano: Scalar<'a>,
    #[serde(borrow, default)]
    pub end_time_unix_nano: Scalar<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub attributes: Vec<Pair<'a>>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Metric<'a> {
    #[serde(borrow, default)]
    pub name: Scalar<'a>,
    #[serde(borrow, default)]
    pub sum: Option<Sum<'a>>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sum<'a> {
    #[serde(borrow, default)]
    pub aggregation_temporality: Scalar<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub data_points: Vec<Point<'a>>,
}

impl Sum<'_> {
    /// Whether each point holds everything since the start of its series; by name or by number.
    pub(super) fn is_cumulative(&self) -> bool {
        let temporality = self.aggregation_temporality.text();
        matches!(temporality.as_deref(), Some("2" | "AGGREGATION_TEMPORALITY_CUMULATIVE"))
    }
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Point<'a> {
    #[serde(borrow, default)]
    pub start_time_unix_nano: Scalar<'a>,
    #[serde(borrow, default)]
    pub time_unix_nano: Scalar<'a>,
    #[serde(borrow, default)]
    pub as_int: Scalar<'a>,
    #[serde(borrow, default)]
    pub as_double: Scalar<'a>,
    #[serde(borrow, default, deserialize_with = "list")]
    pub attributes: Vec<Pair<'a>>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Pair<'a> {
    #[serde(borrow, default)]
    pub key: Scalar<'a>,
    #[serde(borrow, default)]
    pub value: AnyValue<'a>,
}

/// A value; lists and maps of values count as nothing.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct AnyValue<'a> {
    #[serde(borrow, default, rename = "stringValue")]
    text: Scalar<'a>,
    #[serde(borrow, default, rename = "intValue")]
    whole: Scalar<'a>,
    #[serde(borrow, default, rename = "doubleValue")]
    number: Scalar<'a>,
    #[serde(borrow, default, rename = "boolValue")]
    truth: Scalar<'a>,
}

impl<'a> AnyValue<'a> {
    /// The value that is there.
    pub(super) fn scalar(&self) -> &Scalar<'a> {
        let all = [&self.text, &self.whole, &self.number, &self.truth];
        all.into_iter().find(|scalar| !matches!(scalar, Scalar::Nothing)).unwrap_or(&self.text)
    }
}

/// A single value of whatever kind the writer chose.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Whole(i64),
    Number(f64),
    Truth(bool),
}

impl Scalar<'_> {
    /// As a text, if there is anything.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Truth(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        }
    }

    /// As a whole number.
    pub(super) fn whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Number(number) if number.is_finite() => Some(*number as i64),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Nothing | Self::Number(_) | Self::Truth(_) => None,
        }
    }

    /// As a number.
    pub(super) fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Nothing | Self::Truth(_) => None,
        };
        number.filter(|number| number.is_finite())
    }

    /// As a yes or no.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Text(text) => text.parse().ok(),
            Self::Nothing | Self::Whole(_) | Self::Number(_) => None,
        }
    }

    /// Nanoseconds since 1970 as milliseconds.
    pub(super) fn millis(&self) -> Option<i64> {
        self.whole().filter(|nanos| *nanos > 0).map(|nanos| nanos / 1_000_000)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyScalar;
        impl<'de> Visitor<'de> for AnyScalar {
            type Value = Scalar<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("any value")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Whole(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(i64::try_from(number).map_or(Scalar::Number(number as f64), Scalar::Whole))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Scalar::Number(number))
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Self::Value, E> {
                Ok(Scalar::Truth(truth))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Nothing)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                while items.next_element::<de::IgnoredAny>()?.is_some() {}
                Ok(Scalar::Nothing)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                while items.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
                Ok(Scalar::Nothing)
            }
        }
        deserializer.deserialize_any(AnyScalar)
    }
}

/// A list; null is an empty one.
fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(json: &str) -> Scalar<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_value_is_read_in_whatever_form_it_is_written() {
        for (json, whole) in [("12", Some(12)), ("\"12\"", Some(12)), ("12.0", Some(12)), ("\"a\"", None)] {
            assert_eq!(scalar(json).whole(), whole, "{json}");
        }
        assert_eq!(
            [scalar("\"0.5\"").number(), scalar("2").number(), scalar("\"NaN\"").number()],
            [Some(0.5), Some(2.0), None]
        );
        assert_eq!(
            [scalar("true").truth(), scalar("\"false\"").truth(), scalar("1").truth()],
            [Some(true), Some(false), None]
        );
        assert_eq!(
            [scalar("null"), scalar("[1,[2]]"), scalar("{\"a\":{}}")],
            [Scalar::Nothing, Scalar::Nothing, Scalar::Nothing]
        );
    }

    #[test]
    fn texts_are_borrowed_unless_they_are_escaped() {
        assert!(matches!(scalar("\"plain\""), Scalar::Text(Cow::Borrowed("plain"))));
        assert_eq!(scalar("\"a\\nb\"").text().as_deref(), Some("a\nb"));
    }

    #[test]
    fn lists_may_be_missing_or_null_and_the_rest_may_be_anything() {
        let line: Line<'_> = serde_json::from_str(
            r#"{"resourceLogs":null,"resourceSpans":[{"resource":7,"scopeSpans":[{"spans":[{"name":"a","kind":{}}]}]}]}"#,
        )
        .unwrap();
        assert!(line.resource_logs.is_empty());
        assert_eq!(line.resource_spans[0].scope_spans[0].spans[0].name.text().as_deref(), Some("a"));
    }

    #[test]
    fn temporality_is_a_number_or_a_name() {
        let cumulative = |text: &str| {
            serde_json::from_str::<Sum<'_>>(&format!("{{\"aggregationTemporality\":{text}}}")).unwrap().is_cumulative()
        };
        assert_eq!(
            ["2", "\"AGGREGATION_TEMPORALITY_CUMULATIVE\"", "1", "\"AGGREGATION_TEMPORALITY_DELTA\""].map(cumulative),
            [true, true, false, false]
        );
    }
}
