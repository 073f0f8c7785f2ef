"""Small things that colleagues ask of each other."""

from __future__ import annotations

from models.roles import Role
from models.todos import Todo
from seeds.demo.stage import Stage


def ask_around(stage: Stage) -> None:
    """To-dos of the first store: for people and for roles, some done, one dropped."""
    head, agent, advisor = stage.login("supervisor"), stage.login("agent"), stage.login("advisor")
    errands = (
        ("本周晨会准备回访问题前三名", agent, None, 0, None),
        ("核对周末预约车辆的配件到货", advisor, None, 0, None),
        ("更新休息区价目表", None, Role.ADVISOR, 1, None),
        ("检查三号举升机的保养记录", None, Role.WORKSHOP, 2, None),
        ("整理上月表扬信并张贴", agent, None, -2, "done"),
        ("给车队客户补寄发票", advisor, None, -1, "done"),
        ("安排夏季空调检测活动", None, Role.SUPERVISOR, 5, "drop"),
        ("确认下周培训人员名单", stage.login("manager"), None, 3, None),
    )
    for title, person, role, days, end in errands:
        with stage.scene(head, stage.at(-3, 9)):
            todo = Todo(title=title, person=person, role=role, store=stage.home, due_at=stage.at(days, 18))
            stage.session.add(todo)
        if end is not None:
            with stage.scene(person or head, stage.at(-2, 11)):
                getattr(todo, end)(**({"result": "已完成"} if end == "done" else {"reason": "今年不办"}))
