"""Relations of many to many: their records hold no key that leads back, and come all the same."""

from __future__ import annotations

from sagicc_async_sagicc import model, relation


@model("usuario")
class Usuario:
    id: int
    nombre: str


@model("skill")
class Skill:
    id: int
    nombre: str
    usuarios: list[Usuario] = relation(both_ids=False)


async def test_the_class_is_the_query_for_them_too(local):
    async with local(records=200) as here:
        names = {row["id"]: row["nombre"] for row in here.vendor.rows("usuario")}
        links = here.vendor.rows("usuario_skill")

        skills = await here.crm.skill.list(model=Skill).collect()

        assert [skill.nombre for skill in skills] == [row["nombre"] for row in here.vendor.rows("skill")]
        for skill in skills:
            mine = {link["usuario_id"] for link in links if link["skill_id"] == skill.id}
            shown = {usuario.id for usuario in skill.usuarios}
            assert mine & names.keys() <= shown
            assert all(usuario.nombre == names.get(usuario.id, usuario.nombre) for usuario in skill.usuarios)
        assert any(skill.usuarios for skill in skills)
        assert all("pivot" in usuario.extra for skill in skills for usuario in skill.usuarios)
