//! What the table says about one key. Source: Kafka `ConfigDef`.

/// Type of a config value (Kafka `ConfigDef.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigType {
    /// `true` or `false` in any case.
    Boolean,
    /// Any text; surrounding blanks are dropped.
    String,
    /// 32-bit integer.
    Int,
    /// 16-bit integer.
    Short,
    /// 64-bit integer.
    Long,
    /// Floating-point number.
    Double,
    /// Items between commas; surrounding blanks are dropped; an empty text is the empty list.
    List,
    /// Name of a Java class.
    Class,
    /// A secret, never shown.
    Password,
}

impl ConfigType {
    /// The number in a DescribeConfigs response (`DescribeConfigsResponse.ConfigType`).
    #[must_use]
    pub const fn wire_id(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
            Self::Class => 8,
            Self::Password => 9,
        }
    }

    /// Kafka's name of the type, as error messages and documentation show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// What applies when a key is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// The key must be set.
    Required,
    /// No value.
    Null,
    /// This value, in Kafka's own spelling.
    Text(&'static str),
}

/// Whether an empty list is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyList {
    /// It is.
    AllowEmpty,
    /// It is not.
    NotEmpty,
}

/// Which values of the type are valid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Validator {
    /// All.
    Any,
    /// Numbers from this one on.
    AtLeast(f64),
    /// Numbers between these two, both inclusive.
    Between(f64, f64),
    /// Numbers between the first two, both inclusive, or exactly the third.
    BetweenOr(f64, f64, f64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts, in upper or lower case.
    OneOfAnyCase(&'static [&'static str]),
    /// Lists without empty items, of these texts only unless there are none.
    ListOf(EmptyList, &'static [&'static str]),
    /// Texts of at least one character.
    NotEmptyText,
    /// `*`, or items of the form `partition:broker`.
    ThrottledReplicas,
    /// Items of the form `id@host:port`.
    QuorumVoters,
    /// `latest`, `earliest` or `by_duration:` and an ISO-8601 duration.
    OffsetReset,
}

/// Who may change a key while the broker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateMode {
    /// Nobody: it stands in the configuration file.
    ReadOnly,
    /// Settable for one broker.
    PerBroker,
    /// Settable for one broker or for all.
    ClusterWide,
    /// Settable on the topic, group or subscription that it belongs to.
    OnResource,
}

impl UpdateMode {
    /// The word for documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::PerBroker => "per-broker",
            Self::ClusterWide => "cluster-wide",
            Self::OnResource => "dynamic",
        }
    }
}

/// Whether Ottla acts on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It takes effect.
    Implemented,
    /// It is accepted and kept, and has no effect; the text says what it waits for.
    NotYet(&'static str),
    /// It is accepted and kept, and will never have an effect; the text says why.
    NotApplicable(&'static str),
}

/// What the table says about one key.
#[derive(Debug, PartialEq)]
pub struct ConfigDef {
    /// The key.
    pub name: &'static str,
    /// Type of its values.
    pub value_type: ConfigType,
    /// What applies when it is not set.
    pub default: DefaultValue,
    /// Which values are valid.
    pub validator: Validator,
    /// Who may change it.
    pub update_mode: UpdateMode,
    /// Whether it is left out of documentation and DescribeConfigs unless set.
    pub internal: bool,
    /// What it means.
    pub doc: &'static str,
    /// Whether Ottla acts on it.
    pub status: Status,
}

impl ConfigDef {
    /// Whether values are never shown.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.value_type == ConfigType::Password
    }

    /// The default as text; `None` if there is none.
    #[must_use]
    pub fn default_text(&self) -> Option<&'static str> {
        match self.default {
            DefaultValue::Text(text) => Some(text),
            DefaultValue::Required | DefaultValue::Null => None,
        }
    }
}
