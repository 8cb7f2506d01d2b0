import pytest
@pytest.mark.parametrize("a", ["x y", "#"])
def test_bad(a): assert a == "#"
def test_skip(): pytest.skip("no reason")
