"""Readouts as sentences that people read, in Chinese and English."""

from sop.experiments.readouts import Lift, Readout
from sop.phrases import Phrase


def sentence(readout: Readout) -> Phrase:
    """What may be said by now, and nothing more."""
    match readout.state:
        case "skewed":
            seen = "、".join(f"{arm.name} {arm.exposed:,}" for arm in readout.arms)
            said = seen.replace("、", ", ")
            return Phrase(
                f"分组比例异常（{seen}，偶然出现的概率 {_p(readout.ratio_p)}）：结果不可信，请先排查。",
                f"The division is wrong ({said}; by chance with a probability of {_p(readout.ratio_p)}): "
                "do not believe the result, look for the cause.",
            )
        case "small":
            return Phrase(
                f"尚无结论：每组至少需要 {readout.wanted:,} 个样本，最少的一组现有 {readout.least:,} 个。",
                f"No decision yet: each arm needs {readout.wanted:,} subjects, the smallest has {readout.least:,}.",
            )
        case "open":
            return Phrase(
                "尚无结论：还没有显著差异。" + _all(readout).zh,
                "No decision yet: no difference is sure. " + _all(readout).en,
            )
        case "decided":
            return _all(readout, only_sure=True)


def _all(readout: Readout, *, only_sure: bool = False) -> Phrase:
    told = [_lift(lift, readout) for lift in readout.lifts if lift.sure or not only_sure]
    return Phrase("".join(one.zh for one in told), " ".join(one.en for one in told))


def _lift(lift: Lift, readout: Readout) -> Phrase:
    control, more = readout.arms[0].name, lift.difference >= 0
    size = f"{abs(lift.difference) * 100:.2f}"
    span = f"{lift.low * 100:+.2f}", f"{lift.high * 100:+.2f}"
    return Phrase(
        f"{lift.arm} 的转化率比 {control} {'高' if more else '低'} {size} 个百分点"
        f"（区间 {span[0]} 至 {span[1]}，p = {_p(lift.p)}）。",
        f"{lift.arm} converts {size} percentage points {'more' if more else 'less'} than {control} "
        f"(between {span[0]} and {span[1]}, p = {_p(lift.p)}).",
    )


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 - as papers write it
