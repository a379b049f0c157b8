"""Letters as mail, over SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from functions.post.calendar_file import calendar_file
from functions.post.settings import MailServer
from workflows.runtime.errors import Unavailable, Undeliverable
from workflows.runtime.post_ports import Parcel

SECONDS_MAX = 10.0
"""For each step of the conversation; all of them together take less than a claim holds."""

PERMANENT = 500
SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""Every server takes it; nothing that Korean letters hold has to be promised by the server."""


class SmtpChannel:
    """A `Channel` to one mail server.  Every letter is a connection of its own.

    The Message-ID is made of the letter's id: mail programs show a letter once that came twice.
    """

    def __init__(self, server: MailServer, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls or ssl.create_default_context()
        self._domain = Address(addr_spec=server.sender).domain

    def send(self, parcel: Parcel) -> None:
        """Hand a letter over; returning means that the server has it."""
        message = self._message(parcel)
        try:
            with self._connected() as connection:
                # The library's own `send_message` writes `>From` where a line of a letter begins with that word.
                connection.sendmail(self._server.sender, [parcel.person.email], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()
            raise _refusal(code) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code) from error
        except (
            smtplib.SMTPResponseException
        ) as error:  # it refuses us, not the letter: somebody has to look at the settings
            raise Unavailable(f"smtp_{error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(f"smtp_{type(error).__name__}") from error

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Give a conversation, begun; however it ends, what was taken stays taken."""
        server = self._server
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS_MAX, context=self._tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS_MAX)
        try:
            if server.security == "starttls":
                connection.starttls(context=self._tls)
            if server.user:
                connection.login(server.user, server.password)
            yield connection
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _message(self, parcel: Parcel) -> EmailMessage:
        """Write the mail.

        Raises:
            Undeliverable: The address, or a header, cannot be written.
        """
        letter, server = parcel.letter, self._server
        if not parcel.person.email.isascii():  # the standard library writes none of those (RFC 6532)
            raise Undeliverable("address")
        message = EmailMessage(policy=SEVEN_BIT)
        try:
            message["From"] = Address(server.name, addr_spec=server.sender)
            message["To"] = Address(_printable(parcel.person.name), addr_spec=parcel.person.email)
            if server.reply_to:
                message["Reply-To"] = Address(addr_spec=server.reply_to)
            message["Subject"] = letter.subject
        except (ValueError, IndexError) as error:
            raise Undeliverable("address") from error
        message["Date"] = format_datetime(parcel.at)
        message["Message-ID"] = f"<{letter.id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body + "\n", charset="utf-8")
        if letter.appointments:
            method, file = calendar_file(letter.appointments, letter.locale, server.sender)
            name, params = f"{letter.appointments[0].what}.ics", {"method": method, "charset": "utf-8"}
            message.add_attachment(file, maintype="text", subtype="calendar", filename=name, params=params)
        message["Content-Language"] = letter.locale  # last: setting the content drops what was said of it before
        return message


def _refusal(code: int) -> Exception:
    """Give what an answer of the server means for the letter; its words may repeat the address, so only the code."""
    return Undeliverable(f"smtp_{code}") if code >= PERMANENT else Unavailable(f"smtp_{code}")


def _printable(name: str) -> str:
    return "".join(each if each.isprintable() else " " for each in name)
