import pytest

from shop.destinations import AddressRefused, Destination


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:10.0.0.1"])
def test_a_public_host_leads_to_no_private_one(ip):
    Destination("https://shop.example/").check_ip(ip)
    with pytest.raises(AddressRefused, match="private"):
        Destination("https://shop.example/", was_public=True).check_ip(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "0.0.0.0",
        "224.0.0.1",
    ],
)
def test_no_host_leads_to_the_machines_secrets(ip):
    with pytest.raises(AddressRefused, match="link-local"):
        Destination("https://shop.example/").check_ip(ip)


@pytest.mark.parametrize(
    "address",
    ["http://shop.example/", "ftp://shop.example/", "https://", "https://metadata/", "http://10.0.0.1/", "https://[/"],
)
def test_an_address_without_tls_or_host_is_refused(address):
    with pytest.raises(AddressRefused, match="It leads to"):
        Destination(address).check()
    Destination("http://127.0.0.1:8/").check()
