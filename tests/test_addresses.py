import pytest

import addresses
from addresses import BadAddress, MailServer
from shop.destinations import AddressRefused, Destination


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 587)),
        ("smtp://ana@mail.example:25", MailServer("mail.example", 25, "ana")),
        ("smtps://ana@shop.example@mail.example", MailServer("mail.example", 465, "ana@shop.example", is_tls=True)),
        ("smtp://ana%40shop.example@[::1]:2525", MailServer("::1", 2525, "ana@shop.example")),
    ],
)
def test_a_mail_server_is_read(address, server):
    assert addresses.mail_server(address) == server


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mail.example:587", "smtp://"),
        ("https://mail.example", "smtp://"),
        ("smtp://ana:secret@mail.example", "STOREKEEPER_SMTP_PASSWORD"),
        ("smtp://mail.example/inbox", "user, host and port only"),
        ("smtp://mail.example:99999", "smtp://"),
        ("smtp://169.254.169.254", "link-local"),
        ("smtps://metadata.google.internal.", "link-local"),
    ],
)
def test_what_is_no_mail_server_is_refused(address, told):
    with pytest.raises(BadAddress, match=told) as refused:
        addresses.mail_server(address)
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize("text", ["ana@shop.example", "a.b+c@localhost", "o'neil@x-y.example"])
def test_a_mail_address_is_taken(text):
    assert addresses.is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "ana", "ana@", "@shop.example", "Ana <ana@shop.example>", "ana@shop.example\n", "a@b\r\nBcc: c@d", "a b@c.example",
     "a@b..c", "a@b,c@d", "a" * 250 + "@b.example", "jos\u00e9@shop.example", "a@b@c", '"a b"@c.example',
     "=?utf-8?q?=0D=0ABcc=3Av=40x.example?=@x.example", "a=?utf-8?b?DQo=?=@x.example", "=?@x.example"],
)  # fmt: skip
def test_what_is_no_mail_address_is_refused(text):
    assert not addresses.is_mail_address(text)


@pytest.mark.parametrize("address", ["http://shop.example/hook", "ftp://localhost/", "https://100.100.100.200/", ""])
def test_what_is_sent_over_the_network_is_encrypted(address):
    with pytest.raises(BadAddress):
        addresses.check_encrypted(address)
    addresses.check_encrypted("https://hooks.example/T0/B0")
    addresses.check_encrypted("http://localhost:8080/hook")


@pytest.mark.parametrize(
    "text", ["22:00", "22-7", "24:00-07:00", "22:60-07:00", "22:00-07:00 ", "22:00–07:00", "7:00-9:00"]
)
def test_hours_are_two_times_of_day(text):
    with pytest.raises(BadAddress, match="22:00-07:00"):
        addresses.check_hours(text)
    addresses.check_hours("22:00-07:00")


@pytest.mark.parametrize(
    "host",
    [
        "169\u3002254\u3002169\u3002254",
        "\uff11\uff16\uff19.254.169.254",
        "metadata\u3002google\u3002internal",
        "m\u00fcller.example",
    ],
)
def test_a_host_is_written_in_ascii(host):
    """Clients read such signs as digits and full stops (UTS 46, section 4): the address of another machine."""
    with pytest.raises(BadAddress, match="ASCII"):
        addresses.check(f"https://{host}/x")
    with pytest.raises(AddressRefused):
        Destination(f"https://{host}/x").check()
    assert addresses.check("https://xn--mller-kva.example/x") == "xn--mller-kva.example"


@pytest.mark.parametrize(
    "host",
    [
        "[::ffff:169.254.169.254]",
        "[::169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[64:ff9b::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
        "[::ffff:0:169.254.169.254]",
        "[64:ff9b::6464:64c8]",
        "[64:ff9b:1::a9fe:a9fe]",
        "168.63.129.16",
        "192.0.0.192",
        "[fd00:ec2::254]",
        "[fd00:ec2::23]",
        "[fd20:ce::254]",
        "[fd00:c1::a9fe:a9fe]",
        "[fd00:42::42]",
    ],
)
def test_no_form_of_an_address_leads_to_a_clouds_secrets(host):
    with pytest.raises(BadAddress, match="link-local"):
        addresses.check(f"https://{host}/latest")
    assert addresses.refusal_of_ip(host.strip("[]")) is not None


@pytest.mark.parametrize("name", ["metadata.goog", "instance-data.ec2.internal", "Metadata.tencentyun.com."])
def test_no_name_of_a_clouds_secrets_is_an_address(name):
    with pytest.raises(BadAddress, match="link-local"):
        addresses.check(f"http://{name}/latest")


@pytest.mark.parametrize(
    "ip", ["::1", "127.0.0.1", "192.168.1.20", "fd12::5", "fd00:ec3::1", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_an_ordinary_ip_is_taken(ip):
    assert addresses.refusal_of_ip(ip) is None


@pytest.mark.parametrize(
    "address",
    ["https://exa mple/", "https://a.example\\@b.example/", "https://a.example/x\ny", "https://a.example/\x00"],
)
def test_an_address_holds_no_blank_and_no_backslash(address):
    with pytest.raises(BadAddress):
        addresses.check(address)


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("https://shop.example/feed.xml", "https://shop.example/feed.xml"),
        ("https://ana:word@shop.example:8443/feed.xml", "https://***@shop.example:8443/feed.xml"),
        ("https://word@shop.example/feed.xml?token=word", "https://***@shop.example/feed.xml?***"),
        ("https://[word", "***"),
        ("", ""),
    ],
)
def test_an_address_is_seen_without_its_secrets(address: str, seen: str) -> None:
    assert addresses.masked(address) == seen
