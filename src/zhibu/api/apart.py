"""Which actions stay off the API, and why: every other one has its endpoint.

A test compares this list with the actions there are, so that a new one is either given an
endpoint or put here with its reason.
"""

HANDS = "账号和密码只在网页上由人办：令牌不能给自己、给别人开门"
SERVER = "只由服务器上的命令和后台办"
INSIDE = "别的操作里面的一步，自己不单独办"
UPLOAD = "要上传文件，请在网页上传"
LOOK_FIRST = "牵动很多人和记录，要在网页上先看会带走什么、再确认"
SELF = "要本人在网页上亲自办，程序不能代"
ONE_BY_ONE = "一次填很多是网页的方便，程序一个一个办"
SENT_OUT = "往外发的地址和口令由人在网页上定，令牌不能把消息引到别处"
OTHER_AREA = "和 API 并列，不互相引用；在网页上办"

APART: dict[str, str] = {
    "accounts.actions.issue": HANDS,
    "accounts.actions.activate": HANDS,
    "accounts.actions.change_password": HANDS,
    "accounts.actions.stop": HANDS,
    "accounts.actions.sign_out": INSIDE,
    "accounts.actions.appoint_admin": HANDS,
    "accounts.actions.note_backup": SERVER,
    "accounts.actions.note_restore": SERVER,
    "accounts.actions.note_key_change": SERVER,
    "accounts.actions.note_loss": SERVER,
    "accounts.actions.note_upgrade": SERVER,
    "accounts.actions.note_copy": SERVER,
    "accounts.saving.save": "存下的筛选是网页的列表用的，程序自己带条件",
    "accounts.saving.rename": "存下的筛选是网页的列表用的，程序自己带条件",
    "accounts.saving.delete": "存下的筛选是网页的列表用的，程序自己带条件",
    "api.actions.make": HANDS,
    "api.actions.revoke": HANDS,
    "activities.actions.record_many": "补录过去几年的记录走导入",
    "assignments.actions.follow_up": INSIDE,
    "assignments.actions.hand_over": INSIDE,
    "cases.actions.hand_over": INSIDE,
    "portal.actions.ask": "没有账号的人从公开的网页提；来电来访由人在网页上记，查询码当面给",
    "portal.actions.look": "姓名、电话由办的人在网页上写了原因看",
    "cases.papers.issue": INSIDE,
    "cases.at_once.start_many": "用表格开始很多件在网页上办，程序一件一件开始",
    "cases.clusters.put_under": "归成一件要先在网页上看挑了哪些，再确认",
    "cases.campaigns.actions.launch": LOOK_FIRST,
    "cases.campaigns.actions.enter_many": ONE_BY_ONE,
    "cases.campaigns.actions.make_up": "制度包的样例用；在这里“记办了一项”，过了期限自己算补的",
    "desk.actions.open_feed": OTHER_AREA,
    "desk.actions.revoke_feed": OTHER_AREA,
    "desk.actions.propose_pack": "装制度包要系统、安全两个管理员在网页上各点一次",
    "desk.actions.confirm_pack": "装制度包要系统、安全两个管理员在网页上各点一次",
    "packs.actions.propose": "装制度包要系统、安全两个管理员在网页上各点一次",
    "packs.actions.confirm": "装制度包要系统、安全两个管理员在网页上各点一次",
    "packs.actions.refuse": "装制度包要系统、安全两个管理员在网页上各点一次",
    "files.actions.attach": UPLOAD,
    "imports.actions.begin": UPLOAD,
    "imports.actions.apply": SERVER,
    "imports.actions.refresh": SERVER,
    "imports.actions.queue": "导入要先看有没有错行，在网页上看过再导",
    "imports.actions.discard": "导入要先看有没有错行，在网页上看过再导",
    "imports.actions.undo": LOOK_FIRST,
    "insight.actions.freeze": "报表要先看数字再冻结，在网页上办；冻结好的可以从这里下载",
    "insight.keeping.ask": INSIDE,
    "insight.recounting.ask": "全县重算费时，在网页上办",
    "ledger.actions.record": INSIDE,
    "notices.choosing.here_only": SENT_OUT,
    "notices.hooks.add": SENT_OUT,
    "notices.hooks.change": SENT_OUT,
    "notices.hooks.renew_secret": SENT_OUT,
    "notices.hooks.send_again": SENT_OUT,
    "notices.hooks.try_out": SENT_OUT,
    "organizations.succeeding.merge": LOOK_FIRST,
    "organizations.succeeding.merge_many": LOOK_FIRST,
    "organizations.succeeding.split": LOOK_FIRST,
    "registers.actions.begin": INSIDE,
    "registers.actions.end": INSIDE,
    "registers.actions.keep": INSIDE,
    "publishing.actions.give_receipt": SELF,
    "people.actions.become": INSIDE,
    "people.actions.receive": INSIDE,
    "people.actions.see_off": INSIDE,
    "people.actions.settle": INSIDE,
    "people.actions.reveal": "遮住的号码只在网页上一个一个看，原因记下来给本人看",
    "people.actions.issue_account": HANDS,
    "people.actions.stop_account": HANDS,
    "people.handover.actions.sign": SELF,
    "people.merging.actions.merge": "两份资料要并排核对，合并不能撤销",
    "people.rights.actions.note_opening": INSIDE,
}
