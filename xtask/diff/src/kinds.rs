//! Every kind of change, and what it means for a program that uses the generated crate.

use super::level::Level::{Breaking as B, Compatible as C, Documentation as D};
use super::level::Levels::{self, Both, One};
use super::level::Section::{self, Added, Changed, Deprecated, Removed};

/// Makes the enum and its table from one list.
macro_rules! kinds {
    ($($kind:ident $name:literal $section:ident $levels:expr, $means:literal;)+) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $(#[doc = $means] $kind,)+ }

        impl Kind {
            /// All kinds, in the order of the documentation.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// Where it stands in a changelog.
            pub fn section(self) -> Section {
                match self { $(Self::$kind => $section,)+ }
            }

            /// How much it breaks, for each direction if it has one.
            pub fn levels(self) -> Levels {
                match self { $(Self::$kind => $levels,)+ }
            }

            /// What it means, for people.
            pub fn means(self) -> &'static str {
                match self { $(Self::$kind => $means,)+ }
            }
        }
    };
}

// `One([api, wire])`, `Both { request: [api, wire], response: [api, wire] }`; the reasons stand in docs/changes.md.
kinds! {
    OpenapiVersionChanged "openapi-version-changed" Changed One([D, D]), "the document is written for another version of OpenAPI";
    TitleChanged "title-changed" Changed One([D, D]), "`info.title` changed";
    ApiVersionChanged "api-version-changed" Changed One([D, D]), "`info.version` changed";
    InfoDescriptionChanged "info-description-changed" Changed One([D, D]), "`info.description` or `info.summary` changed";
    ContactChanged "contact-changed" Changed One([D, D]), "`info.contact` changed";
    LicenseChanged "license-changed" Changed One([D, D]), "`info.license` changed";
    TermsChanged "terms-changed" Changed One([D, D]), "`info.termsOfService` changed";
    TagsChanged "tags-changed" Changed One([D, D]), "the tags of the document, or of an operation, changed";
    ExternalDocsChanged "external-docs-changed" Changed One([D, D]), "`externalDocs` changed";
    OtherChanged "other-changed" Changed One([D, D]), "something else changed, in a place that no other kind covers";

    ServerAdded "server-added" Added One([C, D]), "a server is new: a constructor more";
    ServerRemoved "server-removed" Removed One([B, B]), "a server is gone, and its constructor with it";
    ServerUrlChanged "server-url-changed" Changed One([C, B]), "a server has another URL under the same name";
    ServerRenamed "server-renamed" Changed One([B, D]), "a server has another description, which names its constructor";
    ServerVariableAdded "server-variable-added" Added One([B, D]), "a server's URL has a variable more: an argument of its constructor";
    ServerVariableRemoved "server-variable-removed" Removed One([B, B]), "a variable of a server's URL is gone";
    ServerVariableDefaultChanged "server-variable-default-changed" Changed One([C, D]), "a variable of a server has another default";
    ServerVariableValueAdded "server-variable-value-added" Added One([C, C]), "a variable of a server takes a value more";
    ServerVariableValueRemoved "server-variable-value-removed" Removed One([D, B]), "a variable of a server takes a value less";

    SecuritySchemeAdded "security-scheme-added" Added One([D, D]), "a security scheme is new";
    SecuritySchemeRemoved "security-scheme-removed" Removed One([D, D]), "a security scheme is gone; operations that used it have findings of their own";
    SecuritySchemeRenamed "security-scheme-renamed" Changed One([D, D]), "a security scheme has another name, which goes into no request";
    SecuritySchemeChanged "security-scheme-changed" Changed One([C, B]), "a security scheme has another type, place or name, and its argument the same type";
    CredentialTypeChanged "credential-type-changed" Changed One([B, B]), "a security scheme takes its credential from somewhere else: an argument of another type, the source of tokens, or nowhere";
    OauthFlowAdded "oauth-flow-added" Added One([D, C]), "an OAuth 2.0 flow is new";
    OauthFlowRemoved "oauth-flow-removed" Removed One([D, B]), "an OAuth 2.0 flow is gone";
    OauthUrlChanged "oauth-url-changed" Changed One([D, B]), "an OAuth 2.0 flow has another token, authorization or refresh URL";
    OauthScopeAdded "oauth-scope-added" Added One([D, C]), "an OAuth 2.0 flow offers a scope more";
    OauthScopeRemoved "oauth-scope-removed" Removed One([D, B]), "an OAuth 2.0 flow offers a scope less";
    TokenSourceRequired "token-source-required" Changed One([B, D]), "the first operations want bearer tokens: clients are made with a source of tokens";
    TokenSourceDropped "token-source-dropped" Changed One([B, D]), "no operation wants a bearer token any more: clients are made without a source of tokens";
    CredentialArgumentsChanged "credential-arguments-changed" Changed One([B, D]), "a method takes its credentials as other arguments, or one that was an `Option` is none now, or the other way round";
    CredentialRequired "credential-required" Changed One([D, B]), "an operation needs a credential where it needed none";
    CredentialDropped "credential-dropped" Changed One([D, C]), "an operation needs no credential any more";
    CredentialOptional "credential-optional" Changed One([D, C]), "an operation takes requests without a credential as well";
    SecurityAlternativeAdded "security-alternative-added" Added One([C, C]), "an operation takes another credential as well";
    SecurityAlternativeRemoved "security-alternative-removed" Removed One([D, B]), "an operation no longer takes one of its credentials";
    ScopeRequired "scope-required" Changed One([D, B]), "an operation needs a scope more";
    ScopeDropped "scope-dropped" Changed One([D, C]), "an operation needs a scope less";

    OperationAdded "operation-added" Added One([C, C]), "an operation is new: a method more";
    OperationRemoved "operation-removed" Removed One([B, B]), "an operation is gone, and its method with it";
    OperationMoved "operation-moved" Changed One([C, B]), "an operation has another path or HTTP method under the same `operationId`";
    OperationRenamed "operation-renamed" Changed One([B, D]), "an operation has another `operationId`, which names its method";
    OperationDeprecated "operation-deprecated" Deprecated One([D, D]), "an operation is deprecated";
    OperationUndeprecated "operation-undeprecated" Changed One([D, D]), "an operation is no longer deprecated";
    OperationDescriptionChanged "operation-description-changed" Changed One([D, D]), "summary or description of an operation, or of its path, changed";
    CallbackAdded "callback-added" Added One([D, C]), "an operation has a callback more";
    CallbackRemoved "callback-removed" Removed One([D, B]), "an operation has a callback less";
    CallbackChanged "callback-changed" Changed One([D, C]), "a callback changed; crates hold none";
    WebhookAdded "webhook-added" Added One([D, C]), "a webhook is new; crates hold none";
    WebhookRemoved "webhook-removed" Removed One([D, B]), "a webhook is gone";
    WebhookChanged "webhook-changed" Changed One([D, C]), "a webhook changed; crates hold none";

    RequiredParameterAdded "required-parameter-added" Added One([B, B]), "a parameter is new and required";
    OptionalParameterAdded "optional-parameter-added" Added One([B, C]), "a parameter is new and optional: an argument more";
    ParameterRemoved "parameter-removed" Removed One([B, B]), "a parameter is gone: an argument less";
    ParameterMoved "parameter-moved" Changed One([B, B]), "a parameter goes to another place: path, query, header or cookie";
    PathParameterRenamed "path-parameter-renamed" Changed One([D, D]), "a path parameter has another name, which callers do not see";
    ParameterBecameRequired "parameter-became-required" Changed One([B, B]), "a parameter is required now";
    ParameterBecameOptional "parameter-became-optional" Changed One([B, C]), "a parameter is optional now: its argument is an `Option`";
    ParameterStyleChanged "parameter-style-changed" Changed One([C, B]), "a parameter is written in another way: style, explode, reserved characters, media type";
    ParameterDefaultChanged "parameter-default-changed" Changed One([D, B]), "the server takes another value if the parameter is left out";
    ParameterDeprecated "parameter-deprecated" Deprecated One([D, D]), "a parameter is deprecated";
    ParameterUndeprecated "parameter-undeprecated" Changed One([D, D]), "a parameter is no longer deprecated";
    ParameterDescriptionChanged "parameter-description-changed" Changed One([D, D]), "description or examples of a parameter changed";

    RequiredBodyAdded "required-request-body-added" Added One([B, B]), "an operation has a request body now, which is required";
    OptionalBodyAdded "optional-request-body-added" Added One([B, C]), "an operation has a request body now, which is optional";
    BodyRemoved "request-body-removed" Removed One([B, B]), "an operation has no request body any more";
    BodyBecameRequired "request-body-became-required" Changed One([B, B]), "a request body is required now: its argument is no `Option`";
    BodyBecameOptional "request-body-became-optional" Changed One([B, C]), "a request body is optional now: its argument is an `Option`";
    BodyDescriptionChanged "request-body-description-changed" Changed One([D, D]), "the description of a request body changed";
    MediaTypeAdded "media-type-added" Added Both { request: [C, C], response: [C, C] }, "a body has a media type more, which is not the one that the crate uses";
    MediaTypePreferred "media-type-preferred" Added Both { request: [B, C], response: [B, C] }, "a body has a media type more, which the crate uses from now on";
    MediaTypeRemoved "media-type-removed" Removed Both { request: [B, B], response: [B, B] }, "a body has no longer the media type that the crate uses";
    MediaTypeWithdrawn "media-type-withdrawn" Removed Both { request: [C, B], response: [C, B] }, "a body has a media type less, which is not the one that the crate uses";
    EncodingChanged "encoding-changed" Changed Both { request: [C, B], response: [C, B] }, "`encoding` of a form or multipart body changed";
    MediaTypeExampleChanged "media-type-example-changed" Changed Both { request: [D, D], response: [D, D] }, "examples of a body changed";

    SuccessAdded "success-added" Added One([C, B]), "an operation may succeed with a status that older crates take for an error";
    SuccessRemoved "success-removed" Removed One([C, C]), "an operation no longer succeeds with this status";
    ErrorAdded "error-added" Added One([C, C]), "an operation documents an error more";
    ErrorRemoved "error-removed" Removed One([C, C]), "an operation documents an error less";
    AnswerAdded "response-body-added" Added One([B, C]), "an answer has a body now that no other has: another return type";
    AnswerRemoved "response-body-removed" Removed One([B, B]), "an answer has no body any more";
    AnswerBecameOptional "response-body-became-optional" Changed One([B, D]), "an operation may succeed without a body as well: an `Option`";
    AnswerBecameRequired "response-body-became-required" Changed One([B, D]), "an operation succeeds with a body only: no `Option`";
    ResponseDescriptionChanged "response-description-changed" Changed One([D, D]), "the description of an answer changed";
    HeaderAdded "response-header-added" Added One([D, C]), "an answer has a header more";
    HeaderRemoved "response-header-removed" Removed One([D, B]), "an answer has a header less";
    HeaderBecameOptional "response-header-became-optional" Changed One([D, B]), "a header of an answer may be missing now";
    HeaderBecameRequired "response-header-became-required" Changed One([D, C]), "a header of an answer is always there now";
    HeaderChanged "response-header-changed" Changed One([D, B]), "a header of an answer has another form";
    LinksChanged "links-changed" Changed One([D, D]), "links of an answer changed";

    SchemaRenamed "schema-renamed" Changed One([B, D]), "a body, parameter or property uses a component of another name: another Rust type";
    SchemaRespelled "schema-respelled" Changed One([D, D]), "a component has another spelling of its name, which gives the same Rust type";
    SchemaNamed "schema-named" Changed One([B, D]), "an inline schema became a component: another Rust type";
    SchemaInlined "schema-inlined" Changed One([B, D]), "a component became an inline schema: another Rust type";
    UnusedSchemaAdded "unused-schema-added" Added One([C, D]), "a component that no operation uses is new: a type more";
    UnusedSchemaRemoved "unused-schema-removed" Removed One([B, D]), "a component that no operation used is gone, and its type with it";
    UnusedSchemaChanged "unused-schema-changed" Changed One([B, D]), "a component that no operation uses changed";

    TypeChanged "type-changed" Changed Both { request: [B, B], response: [B, B] }, "a value is of another type";
    TypeWidened "type-widened" Changed Both { request: [B, C], response: [B, B] }, "a value may be of more types";
    TypeNarrowed "type-narrowed" Changed Both { request: [B, B], response: [B, C] }, "a value may be of fewer types";
    BecameNullable "became-nullable" Changed Both { request: [B, C], response: [B, B] }, "a value may be null: an `Option`";
    NoLongerNullable "no-longer-nullable" Changed Both { request: [B, B], response: [B, C] }, "a value may not be null: no `Option`";
    OptionalBecameNullable "optional-became-nullable" Changed Both { request: [C, C], response: [C, C] }, "an optional property may be null: an `Option` as before";
    OptionalNoLongerNullable "optional-no-longer-nullable" Changed Both { request: [C, B], response: [C, C] }, "an optional property may not be null: an `Option` as before";
    FormatChanged "format-changed" Changed Both { request: [B, B], response: [B, B] }, "a value has another format that has a Rust type of its own";
    FormatNoteChanged "format-note-changed" Changed Both { request: [C, B], response: [C, C] }, "a value has another format that has no Rust type of its own";
    ContentEncodingChanged "content-encoding-changed" Changed Both { request: [C, B], response: [C, B] }, "a text carries its bytes in another way";
    ValuesRestricted "values-restricted" Changed Both { request: [B, B], response: [B, C] }, "any value became a list of values: an enum";
    ValuesOpened "values-opened" Changed Both { request: [B, C], response: [B, B] }, "a list of values became any value: no enum";
    ValueAdded "enum-value-added" Added Both { request: [C, C], response: [B, B] }, "a list of values is longer";
    ValueRemoved "enum-value-removed" Removed Both { request: [B, B], response: [B, C] }, "a list of values is shorter";
    RequiredPropertyAdded "required-property-added" Added Both { request: [B, B], response: [C, C] }, "a property is new and required";
    OptionalPropertyAdded "optional-property-added" Added Both { request: [B, C], response: [C, C] }, "a property is new and optional";
    PropertyRemoved "property-removed" Removed Both { request: [B, B], response: [B, B] }, "a property is gone";
    PropertyBecameRequired "property-became-required" Changed Both { request: [B, B], response: [B, C] }, "a property is required now: no `Option`";
    PropertyBecameOptional "property-became-optional" Changed Both { request: [B, C], response: [B, B] }, "a property is optional now: an `Option`";
    BecameReadOnly "became-read-only" Changed Both { request: [C, B], response: [D, D] }, "only the server sets a property now";
    NoLongerReadOnly "no-longer-read-only" Changed Both { request: [C, C], response: [D, D] }, "clients may set a property now";
    BecameWriteOnly "became-write-only" Changed Both { request: [D, D], response: [C, B] }, "the server no longer sends a property";
    NoLongerWriteOnly "no-longer-write-only" Changed Both { request: [D, D], response: [C, C] }, "the server sends a property now";
    PropertiesOpened "additional-properties-allowed" Changed Both { request: [C, C], response: [C, B] }, "further properties are allowed now";
    PropertiesClosed "additional-properties-forbidden" Changed Both { request: [C, B], response: [C, C] }, "further properties are forbidden now";
    MapOpened "map-allowed" Changed Both { request: [B, C], response: [C, B] }, "an object without properties may have some now: a map";
    MapClosed "map-forbidden" Changed Both { request: [B, B], response: [C, C] }, "an object without properties may have none any more: no map";
    PropertiesTyped "additional-properties-typed" Changed Both { request: [B, B], response: [B, C] }, "further properties have a schema now";
    PropertiesUntyped "additional-properties-untyped" Changed Both { request: [B, C], response: [B, B] }, "further properties may be anything now";
    DefaultAdded "default-added" Changed Both { request: [B, C], response: [B, C] }, "an optional property has a default now: no `Option`";
    DefaultRemoved "default-removed" Changed Both { request: [B, C], response: [B, C] }, "an optional property has no default any more: an `Option`";
    DefaultChanged "default-changed" Changed Both { request: [C, C], response: [C, D] }, "a default came, went or changed without another Rust type";
    TextLimitAdded "text-limit-added" Added Both { request: [B, B], response: [B, C] }, "the length or form of a text is checked now: a type of its own";
    TextLimitRemoved "text-limit-removed" Removed Both { request: [B, C], response: [B, B] }, "the length and form of a text are not checked any more: a plain `String`";
    LengthTightened "length-tightened" Changed Both { request: [C, B], response: [C, C] }, "the length of a checked text has closer limits";
    LengthLoosened "length-loosened" Changed Both { request: [C, C], response: [C, B] }, "the length of a checked text has wider limits";
    PatternChanged "pattern-changed" Changed Both { request: [C, B], response: [C, B] }, "the pattern of a checked text is another one";
    RangeTightened "range-tightened" Changed Both { request: [C, B], response: [C, C] }, "a number has closer limits";
    RangeLoosened "range-loosened" Changed Both { request: [C, C], response: [C, B] }, "a number has wider limits";
    MultipleOfChanged "multiple-of-changed" Changed Both { request: [C, B], response: [C, C] }, "`multipleOf` of a number changed";
    IntegerTypeChanged "integer-type-changed" Changed Both { request: [B, D], response: [B, D] }, "the limits of an integer select another Rust type";
    CountTightened "count-tightened" Changed Both { request: [C, B], response: [C, C] }, "a list or map has closer limits for its length";
    CountLoosened "count-loosened" Changed Both { request: [C, C], response: [C, C] }, "a list or map has wider limits for its length";
    UniqueRequired "unique-items-required" Changed Both { request: [C, B], response: [C, C] }, "the items of a list are different from each other now: a list as before";
    UniqueDropped "unique-items-dropped" Changed Both { request: [C, C], response: [C, B] }, "the items of a list may repeat now: a list as before";
    VariantAdded "variant-added" Added Both { request: [C, C], response: [B, B] }, "`oneOf` or `anyOf` has an alternative more";
    VariantRemoved "variant-removed" Removed Both { request: [B, B], response: [B, C] }, "`oneOf` or `anyOf` has an alternative less";
    UnionKindChanged "union-kind-changed" Changed Both { request: [B, B], response: [B, B] }, "`oneOf` or `anyOf` came or went: another Rust type";
    UnionRuleChanged "union-rule-changed" Changed Both { request: [C, B], response: [C, B] }, "`oneOf` and `anyOf` took each other's place";
    DiscriminatorChanged "discriminator-changed" Changed Both { request: [B, B], response: [B, B] }, "the alternatives are told apart in another way";
    AssertionAdded "assertion-added" Added Both { request: [C, B], response: [C, C] }, "a rule that has no Rust type is new, such as `not`, `if` or `contains`";
    AssertionRemoved "assertion-removed" Removed Both { request: [C, C], response: [C, B] }, "a rule that has no Rust type is gone";
    AssertionChanged "assertion-changed" Changed Both { request: [C, B], response: [C, B] }, "a rule that has no Rust type is another one";
    SchemaDeprecated "schema-deprecated" Deprecated Both { request: [D, D], response: [D, D] }, "a schema or property is deprecated";
    SchemaUndeprecated "schema-undeprecated" Changed Both { request: [D, D], response: [D, D] }, "a schema or property is no longer deprecated";
    SchemaTitleChanged "schema-title-changed" Changed Both { request: [D, D], response: [D, D] }, "the title of a schema changed";
    SchemaDescriptionChanged "schema-description-changed" Changed Both { request: [D, D], response: [D, D] }, "the description of a schema changed";
    SchemaExampleChanged "schema-example-changed" Changed Both { request: [D, D], response: [D, D] }, "examples of a schema changed";
}
