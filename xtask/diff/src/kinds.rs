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

            /// The section of the changelog.
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

// `One([api, wire])`, `Both { request: [api, wire], response: [api, wire] }`; docs/changes.md gives the reasons.
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
    OtherChanged "other-changed" Changed One([D, D]), "something changed that no other kind covers";

    ServerAdded "server-added" Added One([C, D]), "a server was added: one more constructor";
    ServerRemoved "server-removed" Removed One([B, B]), "a server was removed with its constructor";
    ServerUrlChanged "server-url-changed" Changed One([C, B]), "a server has another URL under the same name";
    ServerRenamed "server-renamed" Changed One([B, D]), "a server has another description, which names its constructor";
    ServerVariableAdded "server-variable-added" Added One([B, D]), "a server's URL has an additional variable: an argument of its constructor";
    ServerVariableRemoved "server-variable-removed" Removed One([B, B]), "a variable of a server's URL was removed";
    ServerVariableDefaultChanged "server-variable-default-changed" Changed One([C, D]), "a variable of a server has another default";
    ServerVariableValueAdded "server-variable-value-added" Added One([C, C]), "a variable of a server accepts an additional value";
    ServerVariableValueRemoved "server-variable-value-removed" Removed One([D, B]), "a variable of a server no longer accepts a value";

    SecuritySchemeAdded "security-scheme-added" Added One([D, D]), "a security scheme was added";
    SecuritySchemeRemoved "security-scheme-removed" Removed One([D, D]), "a security scheme was removed; operations that used it have findings of their own";
    SecuritySchemeRenamed "security-scheme-renamed" Changed One([D, D]), "a security scheme was renamed; requests do not contain the name";
    SecuritySchemeChanged "security-scheme-changed" Changed One([C, B]), "a security scheme has another type, place or name, and its argument the same type";
    CredentialTypeChanged "credential-type-changed" Changed One([B, B]), "the credential of a security scheme has another source: an argument of another type, the token source, or none";
    OauthFlowAdded "oauth-flow-added" Added One([D, C]), "an OAuth 2.0 flow was added";
    OauthFlowRemoved "oauth-flow-removed" Removed One([D, B]), "an OAuth 2.0 flow was removed";
    OauthUrlChanged "oauth-url-changed" Changed One([D, B]), "an OAuth 2.0 flow has another token, authorization or refresh URL";
    OauthScopeAdded "oauth-scope-added" Added One([D, C]), "an OAuth 2.0 flow offers an additional scope";
    OauthScopeRemoved "oauth-scope-removed" Removed One([D, B]), "an OAuth 2.0 flow no longer offers a scope";
    TokenSourceRequired "token-source-required" Changed One([B, D]), "the first operations require bearer tokens: constructors take a source of tokens";
    TokenSourceDropped "token-source-dropped" Changed One([B, D]), "no operation requires a bearer token any more: constructors no longer take a token source";
    ClientKeyAdded "client-key-added" Added One([C, D]), "operations use a key of the client: one more method that sets it";
    ClientKeyRemoved "client-key-removed" Removed One([B, D]), "no operation uses a key of the client any more: the method that sets it is gone";
    ConstructorKeysChanged "constructor-keys-changed" Changed One([B, D]), "constructors take other keys: every operation requires one, or no longer does";
    CredentialArgumentsChanged "credential-arguments-changed" Changed One([B, D]), "the credential arguments of a method changed, or one of them became an `Option` or is no longer one, or it uses other keys of the client";
    CredentialRequired "credential-required" Changed One([D, B]), "an operation that needed no credential needs one now";
    CredentialDropped "credential-dropped" Changed One([D, C]), "an operation needs no credential any more";
    CredentialOptional "credential-optional" Changed One([D, C]), "an operation also accepts requests without a credential";
    SecurityAlternativeAdded "security-alternative-added" Added One([C, C]), "an operation accepts an additional credential";
    SecurityAlternativeRemoved "security-alternative-removed" Removed One([D, B]), "an operation no longer accepts one of its credentials";
    ScopeRequired "scope-required" Changed One([D, B]), "an operation needs an additional scope";
    ScopeDropped "scope-dropped" Changed One([D, C]), "an operation no longer needs a scope";

    OperationAdded "operation-added" Added One([C, C]), "an operation was added: one more method";
    OperationRemoved "operation-removed" Removed One([B, B]), "an operation was removed with its method";
    OperationMoved "operation-moved" Changed One([C, B]), "an operation has another path or HTTP method under the same `operationId`";
    OperationRenamed "operation-renamed" Changed One([B, D]), "an operation has another `operationId`, which names its method";
    OperationDeprecated "operation-deprecated" Deprecated One([D, D]), "an operation is deprecated";
    OperationUndeprecated "operation-undeprecated" Changed One([D, D]), "an operation is no longer deprecated";
    OperationDescriptionChanged "operation-description-changed" Changed One([D, D]), "summary or description of an operation, or of its path, changed";
    CallbackAdded "callback-added" Added One([D, C]), "an operation has an additional callback";
    CallbackRemoved "callback-removed" Removed One([D, B]), "a callback of an operation was removed";
    CallbackChanged "callback-changed" Changed One([D, C]), "a callback changed; crates do not contain callbacks";
    WebhookAdded "webhook-added" Added One([D, C]), "a webhook was added; crates do not contain webhooks";
    WebhookRemoved "webhook-removed" Removed One([D, B]), "a webhook was removed";
    WebhookChanged "webhook-changed" Changed One([D, C]), "a webhook changed; crates do not contain webhooks";

    RequiredParameterAdded "required-parameter-added" Added One([B, B]), "a required parameter was added";
    OptionalParameterAdded "optional-parameter-added" Added One([C, C]), "an optional parameter was added: one more field of the options";
    ParameterRemoved "parameter-removed" Removed One([B, B]), "a parameter was removed with its argument";
    ParameterMoved "parameter-moved" Changed One([B, B]), "a parameter moved: path, query, header or cookie";
    PathParameterRenamed "path-parameter-renamed" Changed One([D, D]), "a path parameter was renamed; callers do not use the name";
    ParameterBecameRequired "parameter-became-required" Changed One([B, B]), "a parameter is required now";
    ParameterBecameOptional "parameter-became-optional" Changed One([B, C]), "a parameter is optional now: a field of the options, and no argument";
    ParameterStyleChanged "parameter-style-changed" Changed One([C, B]), "the serialization of a parameter changed: style, explode, reserved characters, media type";
    ParameterDefaultChanged "parameter-default-changed" Changed One([D, B]), "the server uses another value if the parameter is omitted";
    ParameterDeprecated "parameter-deprecated" Deprecated One([D, D]), "a parameter is deprecated";
    ParameterUndeprecated "parameter-undeprecated" Changed One([D, D]), "a parameter is no longer deprecated";
    ParameterDescriptionChanged "parameter-description-changed" Changed One([D, D]), "description or examples of a parameter changed";

    RequiredBodyAdded "required-request-body-added" Added One([B, B]), "an operation has a request body now, which is required";
    OptionalBodyAdded "optional-request-body-added" Added One([B, C]), "an operation has a request body now, which is optional";
    BodyRemoved "request-body-removed" Removed One([B, B]), "an operation has no request body any more";
    BodyBecameRequired "request-body-became-required" Changed One([B, B]), "a request body is required now: its argument is not an `Option`";
    BodyBecameOptional "request-body-became-optional" Changed One([B, C]), "a request body is optional now: its argument is an `Option`";
    BodyDescriptionChanged "request-body-description-changed" Changed One([D, D]), "the description of a request body changed";
    MediaTypeAdded "media-type-added" Added Both { request: [C, C], response: [C, C] }, "a body has an additional media type, which the crate does not use";
    MediaTypePreferred "media-type-preferred" Added Both { request: [B, C], response: [B, C] }, "a body has an additional media type, which the crate uses now";
    MediaTypeRemoved "media-type-removed" Removed Both { request: [B, B], response: [B, B] }, "the media type that the crate uses was removed from a body";
    MediaTypeWithdrawn "media-type-withdrawn" Removed Both { request: [C, B], response: [C, B] }, "a media type that the crate does not use was removed from a body";
    EncodingChanged "encoding-changed" Changed Both { request: [C, B], response: [C, B] }, "`encoding` of a form or multipart body changed";
    MediaTypeExampleChanged "media-type-example-changed" Changed Both { request: [D, D], response: [D, D] }, "examples of a body changed";

    SuccessAdded "success-added" Added One([C, B]), "an operation may succeed with a status that older crates treat as an error";
    SuccessRemoved "success-removed" Removed One([C, C]), "an operation no longer succeeds with this status";
    ErrorAdded "error-added" Added One([C, C]), "an operation documents an additional error";
    ErrorRemoved "error-removed" Removed One([C, C]), "an operation no longer documents an error";
    AnswerAdded "response-body-added" Added One([B, C]), "a response has a body now that no other has: another return type";
    AnswerRemoved "response-body-removed" Removed One([B, B]), "a response has no body any more";
    AnswersSplit "response-bodies-split" Changed One([B, D]), "the successes or errors of an operation have several bodies now: an enum by status";
    AnswersMerged "response-bodies-merged" Changed One([B, D]), "the successes or errors of an operation have one body now: not an enum";
    AnswerVariantRemoved "response-variant-removed" Removed One([B, D]), "an enum by status has no variant for a status any more";
    AnswerBecameOptional "response-body-became-optional" Changed One([B, D]), "an operation may succeed without a body as well: an `Option`";
    AnswerBecameRequired "response-body-became-required" Changed One([B, D]), "an operation succeeds only with a body: not an `Option`";
    ResponseDescriptionChanged "response-description-changed" Changed One([D, D]), "the description of a response changed";
    HeaderAdded "response-header-added" Added One([D, C]), "a response has an additional header";
    HeaderRemoved "response-header-removed" Removed One([D, B]), "a header of a response was removed";
    HeaderBecameOptional "response-header-became-optional" Changed One([D, B]), "a header of a response may be missing now";
    HeaderBecameRequired "response-header-became-required" Changed One([D, C]), "a header of a response is always present now";
    HeaderChanged "response-header-changed" Changed One([D, B]), "a header of a response has another form";
    LinksChanged "links-changed" Changed One([D, D]), "links of a response changed";

    SchemaRenamed "schema-renamed" Changed One([B, D]), "a body, parameter or property uses a component of another name: another Rust type";
    SchemaRespelled "schema-respelled" Changed One([D, D]), "a component has another spelling of its name, which gives the same Rust type";
    SchemaNamed "schema-named" Changed One([B, D]), "an inline schema became a component: another Rust type";
    SchemaInlined "schema-inlined" Changed One([B, D]), "a component became an inline schema: another Rust type";
    UnusedSchemaAdded "unused-schema-added" Added One([C, D]), "a component that no operation uses was added: one more type";
    UnusedSchemaRemoved "unused-schema-removed" Removed One([B, D]), "a component that no operation used was removed with its type";
    UnusedSchemaChanged "unused-schema-changed" Changed One([B, D]), "a component that no operation uses changed";

    TypeChanged "type-changed" Changed Both { request: [B, B], response: [B, B] }, "a value has another type";
    TypeWidened "type-widened" Changed Both { request: [B, C], response: [B, B] }, "a value may have more types";
    TypeNarrowed "type-narrowed" Changed Both { request: [B, B], response: [B, C] }, "a value may have fewer types";
    BecameNullable "became-nullable" Changed Both { request: [B, C], response: [B, B] }, "a value may be null: an `Option`";
    NoLongerNullable "no-longer-nullable" Changed Both { request: [B, B], response: [B, C] }, "a value may not be null: not an `Option`";
    OptionalBecameNullable "optional-became-nullable" Changed Both { request: [B, C], response: [B, C] }, "an optional property may be null: an `Option` in an `Option`";
    OptionalNoLongerNullable "optional-no-longer-nullable" Changed Both { request: [B, B], response: [B, C] }, "an optional property may not be null: not an `Option` in an `Option`";
    FormatChanged "format-changed" Changed Both { request: [B, B], response: [B, B] }, "a value has another format, for which there is a Rust type";
    FormatNoteChanged "format-note-changed" Changed Both { request: [C, B], response: [C, C] }, "a value has another format, for which there is no Rust type";
    ContentEncodingChanged "content-encoding-changed" Changed Both { request: [C, B], response: [C, B] }, "the encoding of the bytes in a string changed";
    ValuesRestricted "values-restricted" Changed Both { request: [B, B], response: [B, C] }, "a list of values was added: an enum";
    ValuesOpened "values-opened" Changed Both { request: [B, C], response: [B, C] }, "the list of values was removed: not an enum";
    ValueAdded "enum-value-added" Added Both { request: [C, C], response: [C, C] }, "a list of values is longer";
    ConstantExtended "constant-extended" Added Both { request: [C, C], response: [B, C] }, "a single value became a list of values: an enum that accepts other values";
    ValueRemoved "enum-value-removed" Removed Both { request: [B, B], response: [B, C] }, "a list of values is shorter";
    RequiredPropertyAdded "required-property-added" Added Both { request: [B, B], response: [C, C] }, "a required property was added";
    OptionalPropertyAdded "optional-property-added" Added Both { request: [C, C], response: [C, C] }, "an optional property was added";
    PropertyRemoved "property-removed" Removed Both { request: [B, B], response: [B, B] }, "a property was removed";
    PropertyBecameRequired "property-became-required" Changed Both { request: [B, B], response: [C, C] }, "a property is required now: not an `Option` in requests";
    PropertyBecameOptional "property-became-optional" Changed Both { request: [B, C], response: [C, B] }, "a property is optional now: an `Option` in requests";
    BecameReadOnly "became-read-only" Changed Both { request: [B, B], response: [D, D] }, "only the server sets a property now: requests do not have it";
    NoLongerReadOnly "no-longer-read-only" Changed Both { request: [C, C], response: [D, D] }, "clients may set a property now: requests have it";
    BecameWriteOnly "became-write-only" Changed Both { request: [D, D], response: [B, B] }, "the server no longer sends a property: responses do not have it";
    NoLongerWriteOnly "no-longer-write-only" Changed Both { request: [D, D], response: [C, C] }, "the server sends a property now: responses have it";
    PropertiesOpened "additional-properties-allowed" Changed Both { request: [C, C], response: [C, B] }, "further properties are allowed now";
    PropertiesClosed "additional-properties-forbidden" Changed Both { request: [C, B], response: [C, C] }, "further properties are forbidden now";
    MapOpened "map-allowed" Changed Both { request: [B, C], response: [C, B] }, "an object without properties may have some now: a map";
    MapClosed "map-forbidden" Changed Both { request: [B, B], response: [C, C] }, "an object without properties must stay empty: not a map";
    PropertiesTyped "additional-properties-typed" Changed Both { request: [B, B], response: [B, C] }, "further properties have a schema now";
    PropertiesUntyped "additional-properties-untyped" Changed Both { request: [B, C], response: [B, B] }, "further properties may be anything now";
    DefaultChanged "default-changed" Changed Both { request: [B, B], response: [B, C] }, "a default was added, removed or changed: the `Default` of a named enum";
    TextLimitAdded "text-limit-added" Added Both { request: [B, B], response: [B, C] }, "the length or form of a string is checked now: a separate type";
    TextLimitRemoved "text-limit-removed" Removed Both { request: [B, C], response: [B, B] }, "the length and form of a string are not checked any more: a `String`";
    LengthTightened "length-tightened" Changed Both { request: [C, B], response: [C, C] }, "the length of a checked string has closer limits";
    LengthLoosened "length-loosened" Changed Both { request: [C, C], response: [C, B] }, "the length of a checked string has wider limits";
    PatternChanged "pattern-changed" Changed Both { request: [C, B], response: [C, B] }, "the pattern of a checked string changed";
    RangeTightened "range-tightened" Changed Both { request: [C, B], response: [C, C] }, "a number has closer limits";
    RangeLoosened "range-loosened" Changed Both { request: [C, C], response: [C, B] }, "a number has wider limits";
    MultipleOfChanged "multiple-of-changed" Changed Both { request: [C, B], response: [C, C] }, "`multipleOf` of a number changed";
    IntegerTypeChanged "integer-type-changed" Changed Both { request: [B, D], response: [B, D] }, "the limits of an integer select another Rust type";
    CountTightened "count-tightened" Changed Both { request: [C, B], response: [C, C] }, "a list or map has closer limits for its length";
    CountLoosened "count-loosened" Changed Both { request: [C, C], response: [C, C] }, "a list or map has wider limits for its length";
    UniqueRequired "unique-items-required" Changed Both { request: [C, B], response: [C, C] }, "the items of a list must be unique now: a list as before";
    UniqueDropped "unique-items-dropped" Changed Both { request: [C, C], response: [C, B] }, "the items of a list may repeat now: a list as before";
    VariantAdded "variant-added" Added Both { request: [C, C], response: [B, B] }, "`oneOf` or `anyOf` has an additional alternative";
    VariantRemoved "variant-removed" Removed Both { request: [B, B], response: [B, C] }, "an alternative of `oneOf` or `anyOf` was removed";
    UnionKindChanged "union-kind-changed" Changed Both { request: [B, B], response: [B, B] }, "`oneOf` or `anyOf` was added or removed: another Rust type";
    UnionRuleChanged "union-rule-changed" Changed Both { request: [C, B], response: [C, B] }, "`oneOf` became `anyOf`, or `anyOf` became `oneOf`";
    DiscriminatorChanged "discriminator-changed" Changed Both { request: [C, B], response: [C, B] }, "the discriminator of the alternatives changed";
    AssertionAdded "assertion-added" Added Both { request: [C, B], response: [C, C] }, "a rule that has no Rust type was added, such as `not`, `if` or `contains`";
    AssertionRemoved "assertion-removed" Removed Both { request: [C, C], response: [C, B] }, "a rule that has no Rust type was removed";
    AssertionChanged "assertion-changed" Changed Both { request: [C, B], response: [C, B] }, "a rule that has no Rust type changed";
    SchemaDeprecated "schema-deprecated" Deprecated Both { request: [D, D], response: [D, D] }, "a schema or property is deprecated";
    SchemaUndeprecated "schema-undeprecated" Changed Both { request: [D, D], response: [D, D] }, "a schema or property is no longer deprecated";
    SchemaTitleChanged "schema-title-changed" Changed Both { request: [D, D], response: [D, D] }, "the title of a schema changed";
    SchemaDescriptionChanged "schema-description-changed" Changed Both { request: [D, D], response: [D, D] }, "the description of a schema changed";
    SchemaExampleChanged "schema-example-changed" Changed Both { request: [D, D], response: [D, D] }, "examples of a schema changed";
}
