"""The ledger 存证: what was done, by whom, when; provably not altered since.

Owns entries, salted digests of protected records, sealed Merkle heads and their check.
Knows users, organisations and people by number only, and holds no personal text.

Format 1
--------
``H`` is SHA-256 or SM3 (``algorithm`` names it in every row), ``‖`` joins bytes.

* canonical(x): JSON, UTF-8, keys sorted, no spaces, ``ensure_ascii=False``; days as
  ``YYYY-MM-DD``, moments in UTC as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, decimals as text,
  bytes as lower-case hex.
* digest of a record: ``H(salt ‖ canonical(record))``; the salt lies beside the record,
  so that erasing both makes the digest mute. An empty digest says: lawfully removed.
* a record: ``[type, id, values, rows of its first part, rows of its second part, …]``, a row
  of a part ``[its id, values…]``, in the order registered. Columns of a later version that
  say something stand in one object behind the values, ``{column: value}``, parts of a later
  version in one object behind the parts, ``{part: rows}``; where they say nothing, the
  object is not there.
* leaf of a digest: ``H(0x00 ‖ canonical([type, id, digest]))``; the digests of one entry
  form an RFC 6962 tree whose root stands in the entry.
* leaf of an entry: ``H(0x00 ‖ canonical([format, algorithm, key, kind, subject type,
  subject id, organisation, by, origin, at, occurred, basis, count, root]))``.
* all sealed leaves form one growing RFC 6962 tree: node ``H(0x01 ‖ left ‖ right)``. A node
  over a full range of leaves is hashed with the algorithm of the head that sealed its last
  leaf, every other node with that of the head whose tree it is.
* the mark of a sealed entry: ``H(0x03 ‖ canonical([position, head, leaf]))``: no proof, only
  a pointer to the row that was touched where a head no longer fits.
* a head: ``H(0x02 ‖ canonical([format, algorithm, key id, number, size, root, previous
  head, at]))``. Heads are chained.
* ``signature``: Ed25519 over ``"zhibu ledger head 1" ‖ 0x00 ‖ digest of the head``; ``key
  id`` is the first 32 hex digits of ``SHA-256("zhibu ledger key" ‖ 0x00 ‖ public key)``.
  Both are empty in heads from before there was a key.
* what is sent out and what proves: ``docs/proofs.md``.
"""
