"""What the pages of a refused or failed request say, in Korean and English."""

ERRORS: dict[str, tuple[str, str]] = {
    "error_next": ("이렇게 하십시오", "What to do now"),
    "error_home": ("첫 화면으로", "Back to the start"),
    "error_reference": ("문의 번호", "Reference"),
    "error_400": ("요청을 알아볼 수 없습니다.", "This request cannot be understood."),
    "error_400_next": (
        "앞 화면으로 돌아가 새로 고친 뒤, 빠진 것이 없는지 보고 다시 보내 주십시오.",
        "Go back, reload the page, see that nothing is missing, and send it again.",
    ),
    "error_403": ("이 화면을 볼 권한이 없습니다.", "You may not see this page."),
    "error_403_next": (
        (
            "양식을 보내던 중이었다면 앞 화면으로 돌아가 새로 고친 뒤 다시 보내 주십시오. "
            "권한이 필요하면 시스템 관리자에게 역할을 요청하십시오."
        ),
        (
            "If you were sending a form, go back, reload the page and send it again. "
            "If you need the right, ask the administrator for the role."
        ),
    ),
    "error_404": ("찾는 것이 없습니다.", "There is no such thing."),
    "error_404_next": (
        "주소를 확인하고, 건이라면 ‘건 찾기’에서 찾아 주십시오. 맡은 범위가 아닌 건은 보이지 않습니다.",
        "Check the address; find a case by “Cases”. What is not within your reach is not shown.",
    ),
    "error_409": ("지금은 할 수 없는 일입니다.", "This cannot be done now."),
    "error_409_next": (
        "아무것도 바뀌지 않았습니다. 앞 화면으로 돌아가 새로 고치고, 달라진 것을 본 뒤 다시 해 주십시오.",
        "Nothing was changed. Go back, reload the page, look at what is different, and try again.",
    ),
    "error_413": ("파일이 너무 큽니다.", "The file is too large."),
    "error_413_next": (
        "6MB까지 받습니다. 파일을 나누어 보내 주십시오. 아무것도 바뀌지 않았습니다.",
        "At most 6 MB are taken: send it in parts. Nothing was changed.",
    ),
    "error_422": ("양식에 고칠 곳이 있습니다.", "The form has faults."),
    "error_422_next": (
        "앞 화면으로 돌아가 적은 내용을 고쳐 다시 보내 주십시오. 아무것도 바뀌지 않았습니다.",
        "Go back, mend what you wrote, and send it again. Nothing was changed.",
    ),
    "error_500": ("문제가 생겼습니다.", "Something went wrong."),
    "error_500_next": (
        "잠시 뒤 다시 해 주십시오. 계속되면 시스템 관리자에게 아래 문의 번호를 알려 주십시오.",
        "Try again in a moment. If it stays, tell the administrator the reference below.",
    ),
    "error_503": ("지금은 되지 않습니다.", "This does not work at the moment."),
    "error_503_next": (
        "잠시 뒤 다시 해 주십시오. 두 번 보내도 두 번 반영되지 않습니다. 계속되면 시스템 관리자에게 알려 주십시오.",
        "Try again in a moment; sent twice, it counts once. If it stays, tell the administrator.",
    ),
}
