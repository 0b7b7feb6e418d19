"""How our own fields and methods are written in the OpenAPI document."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

Schema = dict[str, Any]


class PatternFieldSchema(OpenApiSerializerFieldExtension):
    target_class = "core.api.fields.PatternField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        return {"type": "string", "pattern": f"^{self.target.pattern}$"}


class TextFieldSchema(OpenApiSerializerFieldExtension):
    target_class = "core.api.fields.TextField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        return {"type": "string", "maxLength": self.target.max_length}


class WholeNumberFieldSchema(OpenApiSerializerFieldExtension):
    target_class = "core.api.fields.WholeNumberField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        limits = {"minimum": self.target.smallest, "maximum": self.target.largest}
        return {"type": "integer", **limits}


class ConstantFieldSchema(OpenApiSerializerFieldExtension):
    target_class = "core.api.fields.ConstantField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        kind = "integer" if isinstance(self.target.choices[0], int) else "string"
        return {"type": kind, "enum": list(self.target.choices)}
