import pytest

from zhibu.config import keys


def test_ring_written_and_read_is_the_same(tmp_path):
    ring = keys.generate(is_demo=True)
    path = tmp_path / "keys" / "keyring.json"

    keys.write(ring, path)

    assert keys.read(path) == ring
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_ring_is_never_written_over(tmp_path):
    path = tmp_path / "keyring.json"
    keys.write(keys.generate(is_demo=False), path)

    with pytest.raises(FileExistsError):
        keys.write(keys.generate(is_demo=False), path)


def test_missing_ring_says_what_to_do(tmp_path):
    with pytest.raises(keys.KeysMissing, match="zhibu init"):
        keys.read(tmp_path / "keyring.json")


def test_ring_does_not_print_its_keys():
    ring = keys.generate(is_demo=False)

    assert ring.django not in repr(ring)
    assert str(ring.index) not in repr(ring)
