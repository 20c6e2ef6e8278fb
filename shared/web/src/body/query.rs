//! A query string as a struct: each parameter at most once, and none that nobody reads.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::value::{CowStrDeserializer, MapDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::body::path;
use crate::problem::Problem;

/// Reads `query` as a `T`; 422 `invalid-field` names the parameter at fault.
pub(super) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        url::form_urlencoded::parse(query.as_bytes()).collect();
    let mut seen = HashSet::new();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !seen.insert(name.as_ref())) {
        let (field, detail) = path::at_fault(name, "the parameter may be given only once");
        return Err(Problem::invalid_field(field, detail));
    }
    let parameters = pairs.into_iter().map(|(name, value)| (Name(name), Parameter(value)));
    let deserializer = MapDeserializer::<_, Fault>::new(parameters);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (field, detail) = path::at_fault(&error.path().to_string(), &error.inner().to_string());
        Problem::invalid_field(field, detail)
    })
}

#[derive(Debug)]
struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct Name<'a>(Cow<'a, str>);

impl<'de> IntoDeserializer<'de, Fault> for Name<'_> {
    type Deserializer = CowStrDeserializer<'de, Fault>;

    fn into_deserializer(self) -> Self::Deserializer {
        Cow::<'de, str>::Owned(self.0.into_owned()).into_deserializer()
    }
}

/// One parameter's text, read as whatever the field asks for.
struct Parameter<'a>(Cow<'a, str>);

impl IntoDeserializer<'_, Fault> for Parameter<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident => $visit:ident: $kind:literal,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::invalid_value(de::Unexpected::Str(&self.0), &$kind)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Parameter<'_> {
    type Error = Fault;

    parsed! {
        deserialize_bool => visit_bool: "true or false",
        deserialize_u8 => visit_u8: "a whole number",
        deserialize_u16 => visit_u16: "a whole number",
        deserialize_u32 => visit_u32: "a whole number",
        deserialize_u64 => visit_u64: "a whole number",
        deserialize_i8 => visit_i8: "a whole number",
        deserialize_i16 => visit_i16: "a whole number",
        deserialize_i32 => visit_i32: "a whole number",
        deserialize_i64 => visit_i64: "a whole number",
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(&self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let text: CowStrDeserializer<'_, Fault> = self.0.into_deserializer();
        visitor.visit_enum(text)
    }

    /// Only a parameter that no field wants is ignored: a misspelt filter must not silently widen
    /// an answer.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(de::Error::custom("there is no such parameter"))
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier
    }
}
