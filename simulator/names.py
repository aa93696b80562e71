"""Names of invented people: staff by their own, customers by the nicknames they give themselves."""

import random

STAFF: tuple[tuple[str, str], ...] = (
    ("zhao.min", "赵敏"),
    ("chen.yu", "陈宇"),
    ("lin.qiao", "林巧"),
    ("wang.lei", "王磊"),
    ("li.na", "李娜"),
    ("zhang.wei", "张伟"),
    ("liu.yang", "刘洋"),
    ("huang.jing", "黄静"),
    ("zhou.jie", "周杰"),
    ("wu.fang", "吴芳"),
    ("xu.hao", "徐浩"),
    ("sun.li", "孙丽"),
    ("ma.chao", "马超"),
    ("zhu.ting", "朱婷"),
    ("hu.bin", "胡斌"),
    ("guo.xin", "郭欣"),
    ("he.ping", "何平"),
    ("gao.yuan", "高源"),
    ("luo.dan", "罗丹"),
    ("zheng.kai", "郑凯"),
    ("liang.yan", "梁燕"),
    ("xie.rui", "谢瑞"),
    ("song.jia", "宋佳"),
    ("tang.yi", "唐艺"),
    ("han.xue", "韩雪"),
    ("feng.tao", "冯涛"),
    ("deng.chao", "邓超"),
    ("cao.ying", "曹颖"),
    ("peng.fei", "彭飞"),
    ("zeng.li", "曾莉"),
)

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN: tuple[str, ...] = (
    *("子涵", "欣怡", "梓萱", "诗涵", "宇轩", "浩然", "俊杰", "雨桐", "思远", "佳琪"),
    *("晓峰", "丽华", "建国", "秀英", "志强", "海燕", "文博", "静怡", "天佑", "若曦"),
    *("一诺", "明哲", "可馨", "嘉豪", "美玲", "国栋", "雪梅", "春生", "慧敏", "永康"),
)
_FANCY: tuple[str, ...] = (
    *("阳光下的{}", "爱笑的{}", "小{}的店", "{}妈妈", "{}同学", "{}·装修中"),
    *("云淡风轻{}", "{}在路上", "慢慢来的{}", "{}🌸", "A{}烘焙", "{}（周末休息）"),
)


def nickname(chance: random.Random) -> str:
    """Return what a customer could be called in WeChat."""
    surname, given = chance.choice(_SURNAMES), chance.choice(_GIVEN)
    match chance.randrange(4):
        case 0:
            return f"小{surname}"
        case 1:
            return chance.choice(_FANCY).format(given[-1])
        case _:
            return surname + given
