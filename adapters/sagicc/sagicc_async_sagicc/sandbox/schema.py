"""
Sagicc's models as the sandbox keeps them.

Documented are the names of the 39 models, the names of their relations, and the columns of `cliente_dato_contacto`;
of `cliente` the columns `nro_documento` and `primer_nombre`, of `caso` `id` and `cliente_id`, and `descripcion` and
`prioridad` of a model that is not named. All other columns are the sandbox's own invention, and so are the table
`encuesta`, which the API does not serve, and the tables in which many-to-many relations are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import attrs

#: Columns besides keys that are whole numbers at every model that has them.
WHOLE: Final = frozenset({"orden", "puntaje", "duracion", "posicion", "tamano", "obligatorio", "nivel"})

#: Keys whose name is not the table's that they point to.
_ROLES: Final = {"agente": "usuario", "supervisor": "usuario"}


@attrs.frozen(kw_only=True)
class Relation:
    """
    A relation of a model.

    Args:
        name: As it is documented (`datoContactos`).
        table: The related model's.
        kind: `one`: the row names its related one; `many`: the related rows name this one; `through`: rows of a third
            table name both.
        key: The column that names: of the row itself, of the related rows, or of the rows between.
        through: The third table.
        other: The column of the third table that names the related row.
    """

    name: str
    table: str
    kind: Literal["one", "many", "through"]
    key: str
    through: str = ""
    other: str = ""


@attrs.frozen(kw_only=True, eq=False)
class Model:
    """
    A table.

    Args:
        name: As it stands in the path of a request.
        columns: In the order in which they are sent; `id` is the first.
        relations: By name.
        served: Whether the API has an endpoint for it.
    """

    name: str
    columns: tuple[str, ...]
    relations: Mapping[str, Relation] = attrs.field(factory=dict)
    served: bool = True

    @property
    def class_name(self) -> str:
        """The model's class, as Laravel's messages name it: `ClienteDatoContacto`."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    def is_whole(self, column: str) -> bool:
        """Tell whether a column is a whole number."""
        return column == "id" or column.endswith("_id") or column in WHOLE


def target(column: str) -> str:
    """Return the table that a foreign key points to."""
    name = column.removesuffix("_id")
    return _ROLES.get(name, name)


def _one(name: str, key: str) -> Relation:
    return Relation(name=name, table=target(key), kind="one", key=key)


def _many(name: str, table: str, key: str) -> Relation:
    return Relation(name=name, table=table, kind="many", key=key)


def _through(name: str, table: str, through: str, key: str, other: str) -> Relation:
    return Relation(name=name, table=table, kind="through", key=key, through=through, other=other)


def _model(name: str, columns: str, *relations: Relation, served: bool = True) -> Model:
    return Model(
        name=name,
        columns=("id", *columns.split(), "created_at", "updated_at"),
        relations={relation.name: relation for relation in relations},
        served=served,
    )


_ALL: Final = (
    _model("adjunto", "caso_id nombre extension tamano"),
    _model("agente_campana_canal", "agente_id campana_canal_id", _one("agente", "agente_id")),
    _model("agente_estado_agente", "agente_id estado fecha_inicio fecha_fin", _one("agente", "agente_id")),
    _model("bolsa_clientes", "campana_id nombre descripcion"),
    _model("calificacion", "caso_id puntaje comentario"),
    _model("campana", "nombre descripcion fecha_inicio fecha_fin", _many("estadoCasos", "campana_estado_caso", "campana_id")),
    _model(
        "campana_canal",
        "campana_id canal_id",
        _through("usuarios", "usuario", "agente_campana_canal", "campana_canal_id", "agente_id"),
    ),
    _model("campana_estado_caso", "campana_id nombre orden", _one("campana", "campana_id")),
    _model("campana_supervisor", "campana_id supervisor_id", _one("supervisor", "supervisor_id")),
    _model(
        "campo", "formulario_id tipo_campo_id conexion_id nombre etiqueta obligatorio orden", _one("conexion", "conexion_id")
    ),
    _model("canal", "tipo_canal_id nombre cuenta_remitente", _many("registros", "registro_canal", "canal_id")),
    _model(
        "caso",
        "cliente_id tipo_caso_id campana_id campana_estado_caso_id canal_id usuario_id asunto descripcion prioridad"
        " fecha_cierre",
        _many("gestiones", "gestion", "caso_id"),
    ),
    _model("ciudad", "pais_id codigo nombre departamento", _one("pais", "pais_id")),
    _model(
        "cliente",
        "tipo_documento_id nro_documento primer_nombre segundo_nombre primer_apellido segundo_apellido genero"
        " fecha_nacimiento empresa",
        _many("datoContactos", "cliente_dato_contacto", "cliente_id"),
    ),
    _model("cliente_etiqueta_cliente", "cliente_id etiqueta_cliente_id"),
    _model(
        "cliente_dato_contacto",
        "cliente_id tipo_dato_contacto_id etiqueta valor indicativo extension barrio ciudad_id",
        _one("cliente", "cliente_id"),
    ),
    _model("cola_campana_canal", "agente_id campana_canal_id posicion", _one("agente", "agente_id")),
    _model("conexion", "campo_id nombre url metodo", _one("campo", "campo_id")),
    _model("cuenta", "cliente_id numero descripcion saldo", _one("cliente", "cliente_id")),
    _model("cuenta_campana", "cuenta_id campana_id", _one("cuenta", "cuenta_id")),
    _model("cuenta_caso", "cuenta_id caso_id", _one("cuenta", "cuenta_id")),
    _model("encuesta_pregunta", "encuesta_id pregunta orden obligatorio", _one("encuesta", "encuesta_id")),
    _model(
        "encuesta_resultado",
        "encuesta_id caso_id respuesta puntaje",
        _one("encuesta", "encuesta_id"),
        _one("caso", "caso_id"),
    ),
    _model("desuscripcion_email", "email motivo"),
    _model("etiqueta_cliente", "nombre color"),
    _model("formulario", "campana_id nombre descripcion", _many("campos", "campo", "formulario_id")),
    _model("gestion", "caso_id usuario_id campana_estado_caso_id observacion duracion", _one("caso", "caso_id")),
    _model("lista_bloqueo", "tipo_dato_contacto_id valor motivo"),
    _model("pais", "codigo nombre indicativo", _many("ciudades", "ciudad", "pais_id")),
    _model("registro_canal", "canal_id caso_id direccion contacto mensaje", _one("caso", "caso_id")),
    _model("skill", "nombre descripcion", _through("usuarios", "usuario", "usuario_skill", "skill_id", "usuario_id")),
    _model("tipo_campo", "nombre", _many("campos", "campo", "tipo_campo_id")),
    _model("tipo_canal", "nombre", _many("canales", "canal", "tipo_canal_id")),
    _model("tipo_canal_tipo_dato_contacto", "tipo_canal_id tipo_dato_contacto_id", _one("tipoCanal", "tipo_canal_id")),
    _model("tipo_caso", "nombre descripcion", _many("casos", "caso", "tipo_caso_id")),
    _model("tipo_dato_contacto", "nombre", _many("datoContactos", "cliente_dato_contacto", "tipo_dato_contacto_id")),
    _model("tipo_documento", "codigo nombre", _many("clientes", "cliente", "tipo_documento_id")),
    _model("usuario", "usuario nombre email extension", _many("estados", "agente_estado_agente", "agente_id")),
    _model("usuario_skill", "usuario_id skill_id nivel", _one("usuario", "usuario_id")),
    _model("encuesta", "nombre descripcion", served=False),
)  # fmt: skip

#: Every table of the models, by name.
MODELS: Final[Mapping[str, Model]] = {model.name: model for model in _ALL}


def joined_by(model: Model) -> tuple[str, ...]:
    """Return the keys by which other models find this one's rows, and those by which people look for cases."""
    found = {
        relation.key
        for other in _ALL
        for relation in other.relations.values()
        if model.name in (relation.through, relation.table if relation.kind == "many" else "")
    }
    return tuple(sorted(found | ({"cliente_id"} if model.name == "caso" else set())))


def snake(name: str) -> str:
    """Spell a relation as Eloquent sends it: `datoContactos` is `dato_contactos`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
