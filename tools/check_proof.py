#!/usr/bin/env python3
"""Check what a Zhibu installation proves, without trusting it.

    python check_proof.py PROOF [--head STATEMENT] [--key KEY-ID]
    python check_proof.py FOLDER [--key KEY-ID]

PROOF is a file from 存证 or `zhibu proof`; FOLDER holds the heads that were sent out day by
day. Imports nothing of Zhibu: the standard library, and `cryptography` for signatures where
it is installed. The format is in docs/proofs.md.

Exit code: 0 everything holds, 1 something does not, 2 holds but a signature could not be
checked here or there is none.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

LEAF, NODE, HEAD = b"\x00", b"\x01", b"\x02"
SIGNED_HEAD = b"zhibu ledger head 1\0"
SIGNED_STATEMENT = b"zhibu ledger statement 1\0"
SIGNED_SUCCESSOR = b"zhibu ledger successor 1\0"
HEAD_FIELDS = ("format", "algorithm", "key_id", "number", "size", "root", "previous", "at")
ENTRY_FIELDS = (
    *("format", "algorithm", "key", "kind", "subject_type", "subject_id", "organization", "by"),
    *("origin", "at", "occurred", "basis", "digests_count", "digests_root"),
)
HELD, BROKEN, UNSIGNED = range(3)


class Wrong(Exception):
    """Something does not hold; the message says what."""


# --- hashes


def sha256(data):
    return hashlib.sha256(data).digest()


def _turned(word, bits):
    bits %= 32
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


def _sm3_words(block):
    words = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        mixed = words[j - 16] ^ words[j - 9] ^ _turned(words[j - 3], 15)
        mixed ^= _turned(mixed, 15) ^ _turned(mixed, 23)
        words.append(mixed ^ _turned(words[j - 13], 7) ^ words[j - 6])
    return words


def _sm3_block(state, block):
    words = _sm3_words(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        ss1 = _turned(_turned(a, 12) + e + _turned(constant, j) & 0xFFFFFFFF, 7)
        ss2 = ss1 ^ _turned(a, 12)
        if j < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = a & b | a & c | b & c, e & f | ~e & 0xFFFFFFFF & g
        tt1 = ff + d + ss2 + (words[j] ^ words[j + 4]) & 0xFFFFFFFF
        tt2 = gg + h + ss1 + words[j] & 0xFFFFFFFF
        a, b, c, d = tt1, a, _turned(b, 9), c
        e, f, g, h = tt2 ^ _turned(tt2, 9) ^ _turned(tt2, 17), e, _turned(f, 19), g
    return [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def sm3(data):
    """GB/T 32905-2016, written out: slow, and needs nothing."""
    state = [
        *(0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600),
        *(0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E),
    ]
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (len(data) * 8).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        state = _sm3_block(state, padded[start : start + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


HASHES = {"sha256": sha256, "sm3": sm3}


def hash_by(algorithm):
    if algorithm not in HASHES:
        raise Wrong(f"不认识的摘要算法：{algorithm}")
    return HASHES[algorithm]


def canonical(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


# --- trees, after RFC 6962


def split(width):
    """The largest power of two below ``width``."""
    return 1 << ((width - 1).bit_length() - 1)


def take(parts):
    if not parts:
        raise Wrong("证明缺了一段")
    return parts.pop(0)


def node(nodes, left, right):
    """The next node on the way up, hashed with the algorithm that the proof names for it."""
    return hash_by(take(nodes))(NODE + left + right)


def root_with(leaf, position, size, hashes, nodes):
    """The root that a leaf at a position gives with the hashes beside its way."""
    if not 0 <= position < size:
        raise Wrong("位置不在树里")

    def up(start, end):
        if end - start == 1:
            return leaf
        middle = start + split(end - start)
        if position < middle:
            left = up(start, middle)
            return node(nodes, left, take(hashes))
        right = up(middle, end)
        return node(nodes, take(hashes), right)

    found = up(0, size)
    if hashes or nodes:
        raise Wrong("证明里有多余的一段")
    return found


def roots_of_growth(old_size, old_root, old_algorithm, new_size, hashes, nodes):
    """Root of the old and of the new tree, as the proof gives them."""
    if not 0 < old_size <= new_size:
        raise Wrong("前一个封存头不比后一个小")

    def both(old, start, end, is_old):
        width = end - start
        if old == width:
            known = old_root if is_old else take(hashes)
            return known, known
        middle = start + split(width)
        if old <= split(width):
            before, now = both(old, start, middle, is_old)
            return before, node(nodes, now, take(hashes))
        before, now = both(old - split(width), middle, end, False)
        left = take(hashes)
        return hash_by(old_algorithm)(NODE + left + before), node(nodes, left, now)

    found = both(old_size, 0, new_size, True)
    if hashes or nodes:
        raise Wrong("证明里有多余的一段")
    return found


# --- signatures


def id_of(public):
    return sha256(b"zhibu ledger key\0" + public).hex()[:32]


def is_signed(public, signature, message):
    """Whether an Ed25519 signature holds; None where it cannot be checked here."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Keys:
    """The keys a file brings, and whether they follow from the one that is trusted."""

    def __init__(self, listed, trusted):
        self.known, self.trusted, self.is_unchecked = {}, {trusted} if trusted else set(), False
        self.notes = []
        for raw in listed:
            key = bytes.fromhex(raw["public"])
            if id_of(key) != raw["id"]:
                raise Wrong(f"密钥 {raw['id']} 和它的编号不符")
            self.known[raw["id"]] = key
            self._follow(raw, key)

    def _follow(self, raw, key):
        """A key that a trusted one vouches for is trusted; a bad voucher is wrong."""
        before = self.known.get(raw["endorsed_by"])
        if not raw["endorsed_by"]:
            if raw["endorsement"]:
                raise Wrong(f"密钥 {raw['id']} 有担保，没有写是谁担保的")
            return
        message = SIGNED_SUCCESSOR + canonical([raw["id"], key.hex(), raw["since"]])
        held = before and is_signed(before, bytes.fromhex(raw["endorsement"]), message)
        if held is None and before is not None:
            self.is_unchecked = True
        elif not held:
            raise Wrong(f"密钥 {raw['id']} 的担保不成立")
        elif raw["endorsed_by"] in self.trusted:
            self.trusted.add(raw["id"])

    def check(self, key_id, signature, message, what):
        if not key_id:
            if signature:
                raise Wrong(f"{what}有签名，没有写是哪把密钥")
            self.is_unchecked = True
            self.notes.append(f"{what}没有签名：是在有签名密钥之前的。")
            return
        if key_id not in self.known:
            raise Wrong(f"{what}用的密钥 {key_id} 不在文件里")
        held = is_signed(self.known[key_id], bytes.fromhex(signature), message)
        if held is None:
            self.is_unchecked = True
            self.notes.append("没有装 cryptography，签名没有核对：pip install cryptography。")
        elif not held:
            raise Wrong(f"{what}的签名不成立")
        elif self.trusted and key_id not in self.trusted:
            raise Wrong(f"{what}不是您认定的密钥签的，也没有它的担保：{key_id}")


def check_head(head, keys):
    """A head has the digest it claims, and its signature holds."""
    digest = hash_by(head["algorithm"])(HEAD + canonical([head[name] for name in HEAD_FIELDS]))
    if digest.hex() != head["digest"]:
        raise Wrong("封存头和它的摘要不符")
    keys.check(head["key_id"], head["signature"], SIGNED_HEAD + digest, "封存头")


# --- files


def check_record(proof, keys):
    """A record's digest is in the entry, the entry is in the head."""
    record, entry, head = proof["record"], proof["entry"], proof["head"]
    hash_ = hash_by(entry["algorithm"])
    if ("salt" in record) != ("content" in record):
        raise Wrong("记录内容和盐要一起给")
    if "content" in record:
        content = record["content"].encode()
        if hash_(bytes.fromhex(record["salt"]) + content).hex() != record["digest"]:
            raise Wrong("记录内容和摘要不符")
        if json.loads(content)[:2] != [record["type"], record["id"]]:
            raise Wrong("记录内容说的不是这条记录")
    leaf = hash_(LEAF + canonical([record["type"], record["id"], record["digest"]]))
    path = proof["digest_path"]
    if path["size"] != entry["digests_count"]:
        raise Wrong("这一行存证的摘要个数不符")
    hashes = unhexed(path["hashes"])
    same = [entry["algorithm"]] * len(hashes)
    root = root_with(leaf, path["index"], path["size"], hashes, same)
    if root.hex() != entry["digests_root"]:
        raise Wrong("记录的摘要不在这一行存证里")
    leaf = hash_(LEAF + canonical([entry[name] for name in ENTRY_FIELDS]))
    path = proof["entry_path"]
    hashes, nodes = unhexed(path["hashes"]), list(path["nodes"])
    root = root_with(leaf, path["index"], path["size"], hashes, nodes)
    if path["size"] != head["size"] or root.hex() != head["root"]:
        raise Wrong("这一行存证不在封存头里")
    check_head(head, keys)
    said = [
        f"记录 {record['type']}:{record['id']}，摘要 {record['digest']}",
        f"存证第 {path['index'] + 1} 行：{entry['kind']}，{entry['at']} 记的",
        f"封存头第 {head['number']} 个，{head['at']} 封存，摘要 {head['digest']}",
    ]
    return [*said, f"内容：{record['content']}"] if "content" in record else said


def check_growth(after, head):
    """The tree of ``head`` holds everything of the smaller one, in the same order."""
    old_root, hashes = bytes.fromhex(after["root"]), unhexed(after["hashes"])
    old, new = roots_of_growth(
        after["size"], old_root, after["algorithm"], head["size"], hashes, list(after["nodes"])
    )
    if old != old_root or new.hex() != head["root"]:
        raise Wrong(f"第 {head['number']} 个封存头不是从第 {after['number']} 个接着长出来的")
    if after["number"] >= head["number"]:
        raise Wrong("前一个封存头的号不比后一个小")


def same_head(after, old):
    if any(after[name] != old[name] for name in ("number", "size", "root", "algorithm")):
        raise Wrong(f"证明说的第 {after['number']} 个封存头和给的不是同一个")


def check_pair(proof, keys):
    check_head(proof["old"], keys)
    check_head(proof["head"], keys)
    same_head(proof["after"], proof["old"])
    check_growth(proof["after"], proof["head"])
    old, new = proof["old"]["number"], proof["head"]["number"]
    return [f"第 {new} 个封存头包含第 {old} 个的全部，顺序没变"]


def check_statement(body, keys):
    """The day's head as it was sent out."""
    signed = {name: value for name, value in body.items() if name != "signature"}
    message = SIGNED_STATEMENT + canonical(signed)
    keys.check(body["key_id"], body["signature"], message, "公布的文件")
    check_head(body["head"], keys)
    if body["after"]:
        check_growth(body["after"], body["head"])
    head = body["head"]
    return [f"{body['day']} 第 {head['number']} 个封存头，{head['size']} 行，摘要 {head['digest']}"]


def check_series(folder, trusted):
    """Heads of many days: each holds, each grew out of the one before."""
    bodies = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    bodies = sorted(
        (body for body in bodies if body.get("what") == "zhibu-head"),
        key=lambda body: (body["head"]["number"], body["head"]["at"]),
    )
    if not bodies:
        raise Wrong(f"{folder} 里没有公布的封存头")
    said, is_unchecked, before = [], False, None
    for body in bodies:
        keys = Keys(body["keys"], trusted)
        said += check_statement(body, keys)
        said += keys.notes
        is_unchecked |= keys.is_unchecked
        if before is not None:
            said += check_step(before, body)
        before = body
    return said, is_unchecked


def check_step(before, body):
    """Two statements in a row: the same ledger, and nothing between them is missing."""
    if before["ledger"] != body["ledger"]:
        raise Wrong("前后不是同一本存证")
    after, old = body["after"], before["head"]
    if after is None or after["number"] < old["number"]:
        raise Wrong(f"第 {body['head']['number']} 个封存头没有接着第 {old['number']} 个")
    for loss in body["losses"]:
        if loss["kept"] < old["number"] <= loss["lost"] and old["at"] <= loss["at"]:
            return [f"承认过变旧：第 {loss['kept'] + 1} 到 {loss['lost']} 个作废，{loss['reason']}"]
    if after["number"] > old["number"]:
        return [f"中间缺第 {after['number']} 个封存头的那份文件，没有接着核对"]
    same_head(after, old)
    return []


def unhexed(hashes):
    found = [bytes.fromhex(each) for each in hashes]
    if any(len(each) != 32 for each in found):
        raise Wrong("证明里的摘要长度不对")
    return found


def check_file(proof, trusted, statement):
    """What one file shows, in words, and whether a signature is left unchecked."""
    keys = Keys(proof["keys"], trusted)
    checks = {
        "zhibu-record": check_record,
        "zhibu-growth": check_pair,
        "zhibu-head": check_statement,
    }
    if proof.get("format") != 1 or proof.get("what") not in checks:
        raise Wrong("不是这个程序认识的证明")
    said = checks[proof["what"]](proof, keys)
    if statement is not None:
        check_statement(statement, Keys(statement["keys"], trusted))
        if statement["head"] != proof["head"]:
            raise Wrong("证明用的封存头和您留存的不是同一个")
        said.append("封存头和您留存的是同一个")
    return [*said, *keys.notes], keys.is_unchecked


def check(place, trusted="", statement=None):
    """Lines that say what holds, and an exit code."""
    try:
        if place.is_dir():
            said, is_unchecked = check_series(place, trusted)
        else:
            kept = json.loads(statement.read_text("utf-8")) if statement else None
            said, is_unchecked = check_file(json.loads(place.read_text("utf-8")), trusted, kept)
    except Wrong as error:
        return [f"不成立：{error}"], BROKEN
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        return [f"不成立：文件不完整，或者被改过（{type(error).__name__}：{error}）"], BROKEN
    if is_unchecked:
        return [*said, "其余成立，签名没有核对。"], UNSIGNED
    return [*said, "成立。"], HELD


def main(arguments):
    parser = argparse.ArgumentParser(description="核对支部平台的证明，不用相信平台。")
    parser.add_argument("place", type=Path, metavar="证明或目录")
    parser.add_argument("--head", type=Path, metavar="文件", help="您留存的、当天公布的封存头")
    parser.add_argument("--key", default="", metavar="编号", help="您认定的签名密钥编号")
    chosen = parser.parse_args(arguments)
    said, code = check(chosen.place, chosen.key, chosen.head)
    sys.stdout.write("\n".join(said) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
