"""What the pages about who answers say, in Korean and English: the inbox, delegations, members, reviewers."""

STAFF: dict[str, tuple[str, str]] = {
    # ---- coming and going
    "stranger": ("등록되지 않은 계정입니다", "This account is not registered"),
    "stranger_text": (
        "{} 계정은 이 업무 화면에 등록되어 있지 않거나 확인되지 않았습니다. 운영 담당자에게 등록을 요청하십시오.",
        "{} is not registered here, or not verified. Ask the programme office to register it.",
    ),
    "try_again": ("다른 계정으로 로그인", "Sign in with another account"),
    "signed_out": ("로그아웃했습니다", "You are signed out"),
    "signed_out_text": (
        "함께 쓰는 컴퓨터라면 로그인에 쓴 계정에서도 로그아웃해 주십시오.",
        "On a shared computer, sign out of the account that you signed in with, too.",
    ),
    "session_over": ("로그인이 끝났습니다", "Your session is over"),
    "session_over_text": (
        (
            "오래 쉬었거나 다른 곳에서 로그아웃하여 아무것도 반영하지 않았습니다. 적으신 내용을 복사해 두고 "
            "다시 로그인해 주십시오."
        ),
        "It ended after a pause or was ended elsewhere, so nothing was done. Copy what you wrote, and sign in again.",
    ),
    "sign_in_again": ("다시 로그인", "Sign in again"),
    # ---- the inbox
    "inbox_total": ("모두 {}건이 기다립니다.", "{} wait in all."),
    "inbox_hidden_put_off": (
        "이 쪽의 {}건은 내가 미루어 두어 보이지 않습니다.",
        "{} of this page are not shown, as you put them off.",
    ),
    "inbox_hidden_others": (
        "이 쪽의 {}건은 나 말고 다른 사람이 답해야 하여 보이지 않습니다.",
        "{} of this page are not shown, as somebody other than you has to answer.",
    ),
    "inbox_hidden_held": (
        "이 쪽의 {}건은 답이 나와 곧 반영되므로 보이지 않습니다.",
        "{} of this page are not shown, as they are answered, and the answer takes effect soon.",
    ),
    "inbox_hidden_taken": (
        "이 쪽의 {}건은 누가 맡고 있어 보이지 않습니다.",
        "{} of this page are not shown, as somebody works on them.",
    ),
    "inbox_put_off": ("내가 미루어 둔 것", "I put it off"),
    "inbox_put_off_show": ("미루어 둔 것 보기", "Show what you put off"),
    "inbox_call_back": ("지금 다시 보기", "Call it back now"),
    "inbox_back_at": ("{}에 다시 보입니다.", "It comes back at {}."),
    "inbox_nothing_here": ("이 쪽에는 답할 질문이 없습니다.", "Nothing on this page is yours to answer."),
    "inbox_narrow": ("골라 보기", "Narrow down"),
    "inbox_show": ("보기", "Show"),
    "inbox_role": ("역할", "Role"),
    "inbox_all": ("모두", "All"),
    "inbox_when": ("기한과 기다린 날", "Due, and age"),
    "inbox_overdue": ("기한이 지난 것", "Overdue"),
    "inbox_soon": ("이틀 안에 기한인 것", "Due within two days"),
    "inbox_age": ("{}일 넘게 기다린 것", "Open for more than {} days"),
    "inbox_held": ("누가 맡았는지", "Who works on it"),
    "inbox_mine": ("내가 맡은 것", "I do"),
    "inbox_free": ("아무도 맡지 않은 것", "Nobody"),
    "first_page": ("처음 쪽으로", "To the first page"),
    "hat_for": ("{}, {}님 대신", "{}, for {}"),
    "for_name": ("{}님 대신", "for {}"),
    "escalated_on": ("{}에게 {}에 넘어감", "escalated to the {} on {}"),
    "steps": ("차례", "Steps"),
    "step_done": ("승인함: {}", "approved: {}"),
    "step_done_for": ("승인함: {} ({}님 대신)", "approved: {} (for {})"),
    "step_now": ("지금 차례", "whose turn it is"),
    "step_later": ("그다음", "later"),
    "not_your_turn": (
        "지금은 이 질문에 답하실 차례가 아닙니다. 위에서 누구의 차례인지 보실 수 있습니다.",
        "It is not your turn to answer this. Above you see whose it is.",
    ),
    "acted_for": ("{} ({} 대신)", "{} (for {})"),
    "reviewers_moved": (
        (
            "그사이 다른 사람이 심사자를 정하여 아무것도 바꾸지 않았습니다. 다시 보내면 지금 정해진 심사자를 "
            "대신합니다. 지금 심사자:"
        ),
        "Somebody named others meanwhile, so nothing was done. Sending it again replaces those named now:",
    ),
    # ---- delegations
    "delegations": ("업무 대신 맡기기", "Delegations"),
    "delegations_text": (
        (
            "자리를 비우는 동안 맡은 역할을 다른 사람에게 맡깁니다. "
            "기간이 끝나면 저절로 끝나고, 언제든 바로 거둘 수 있습니다. "
            "맡은 사람은 다시 다른 사람에게 넘길 수 없고, 기록에는 누가 누구를 대신했는지 남습니다."
        ),
        (
            "Hand a role of yours to somebody else while you are away. It ends by itself, and you may end it at once. "
            "Whoever has it cannot hand it on, and the history says who acted and for whom."
        ),
    ),
    "delegations_given": ("내가 맡긴 것", "What I handed on"),
    "delegations_received": ("내가 맡은 것", "What I hold for others"),
    "delegations_all": ("모두", "All of them"),
    "delegations_none": ("없습니다.", "None."),
    "delegation_new": ("맡기기", "Hand on a role"),
    "delegation_by": ("맡긴 사람", "By"),
    "delegation_to": ("맡은 사람", "To"),
    "delegation_whom": ("맡을 사람", "To"),
    "delegation_grant": ("역할", "Role"),
    "delegation_from": ("첫날", "From"),
    "delegation_until": ("마지막 날", "Until, that day included"),
    "delegation_state": ("상태", "State"),
    "delegation_coming": ("아직 시작 전", "begins later"),
    "delegation_current": ("진행 중", "in force"),
    "delegation_void": ("맡긴 사람에게 그 역할이 없음", "void: whoever handed it on does not have it any more"),
    "delegation_ended": ("끝남", "ended"),
    "delegation_revoked": ("{}님이 거둠, {}", "revoked by {}, {}"),
    "delegation_revoke": ("지금 거두기", "Revoke now"),
    "delegation_made": ("맡겼습니다.", "It is handed on."),
    "delegation_revoke_done": ("거두었습니다.", "It is revoked."),
    "delegation_fault_grant": ("이 역할은 맡길 수 없습니다.", "This role is not yours to hand on."),
    "delegation_fault_to": ("그런 사람이 없습니다.", "There is no such person."),
    "delegation_fault_from_on": ("첫날을 적어 주십시오.", "Say the first day."),
    "delegation_fault_until_on": (
        "마지막 날은 오늘이나 첫날보다 앞설 수 없고, 석 달을 넘을 수 없습니다.",
        "The last day is neither before today or the first, nor more than three months away.",
    ),
    "delegation_fault_reason": ("사유를 꼭 적어 주십시오.", "A reason is needed."),
    "everywhere": ("전체", "everywhere"),
    # ---- members
    "members": ("직원", "Members"),
    "member": ("직원", "Member"),
    "member_id": ("기록에 남는 번호", "Id in the histories"),
    "member_email": ("로그인하는 이메일", "E-mail they sign in with"),
    "member_name": ("이름", "Name"),
    "member_grants": ("맡은 역할", "Roles"),
    "member_state": ("상태", "State"),
    "member_active": ("쓰는 중", "active"),
    "member_disabled": ("막아 둠", "disabled"),
    "member_add": ("직원 추가", "Add a member"),
    "member_added": ("추가했습니다.", "Added."),
    "member_changed": ("바꾸었습니다.", "Changed."),
    "member_waiting": ("확인을 기다리는 역할", "Waits to be confirmed"),
    "member_proposed": (
        "제안했습니다. 다른 관리자가 확인하면 역할이 생깁니다.",
        "Proposed. It counts once another administrator confirms it.",
    ),
    "member_proposed_by": ("{}님이 제안함:", "Proposed by {}:"),
    "member_to_confirm": ("(확인 대기 {}건)", "({} to confirm)"),
    "member_confirm": ("확인하고 주기", "Confirm"),
    "member_drop": ("제안 없애기", "Drop the proposal"),
    "member_grant_hint": (
        "다른 관리자가 확인해야 역할이 생깁니다.",
        "The role counts once another administrator has confirmed it.",
    ),
    "member_fault_own_proposal": (
        "내가 제안한 것은 다른 관리자가 확인합니다.",
        "What you proposed is confirmed by another administrator.",
    ),
    "member_fault_alone": (
        "확인할 다른 관리자가 없습니다. 먼저 범위를 비워 관리자 한 사람을 더 정해 주십시오. 이것만은 바로 됩니다.",
        "No other administrator can confirm it. First make somebody one, without a scope: that alone is done at once.",
    ),
    "member_grant": ("역할 주기", "Give a role"),
    "member_ungrant": ("역할 거두기", "Take it away"),
    "member_role": ("역할", "Role"),
    "member_programme": ("사업", "Programme"),
    "member_cohort": ("기수", "Cohort"),
    "member_university": ("대학", "University"),
    "member_scope_hint": (
        "비워 둔 칸은 전체를 뜻합니다. 모두 비우면 모든 사업, 기수, 대학입니다.",
        "An empty field means all of them; all three empty: every programme, cohort and university.",
    ),
    "member_will_exist": ("아직 없지만 앞으로 생깁니다", "It does not exist yet, and will"),
    "member_fault_unknown_scope": (
        "그런 사업, 기수 또는 대학이 없습니다. 고치거나 앞으로 생긴다고 표시해 주십시오.",
        "There is no such programme, cohort or university. Mend it, or tick that it will exist.",
    ),
    "member_access": ("드나들기", "Access"),
    "member_disable": ("막기", "Disable"),
    "member_enable": ("다시 열기", "Enable"),
    "member_end_sessions": ("모든 로그인 끝내기", "End all sessions"),
    "member_reason": ("사유", "Reason"),
    "member_reason_hint": ("열람 기록에 남습니다.", "It goes to the access log."),
    "member_fault_reason": ("사유를 꼭 적어 주십시오.", "A reason is needed."),
    "member_fault_id": (
        "글자, 숫자, 점, 밑줄, 빼기표로 64자까지 적어 주십시오.",
        "Letters, digits, dot, _ and -, at most 64.",
    ),
    "member_fault_email": ("이메일 주소를 적어 주십시오.", "Give an e-mail address."),
    "member_fault_name": ("이름을 적어 주십시오.", "Give a name."),
    "member_fault_taken": ("그 번호나 이메일은 이미 쓰고 있습니다.", "The id or the e-mail is somebody's already."),
    "member_fault_role": ("그런 역할이 없습니다.", "There is no such role."),
    "member_fault_scope": (
        "이 범위를 다시 확인해 주십시오. 100자까지 적을 수 있습니다.",
        "Look at the scope again; it takes 100 characters.",
    ),
    "member_fault_own_grant": (
        "자기에게 역할을 줄 수 없습니다. 다른 관리자에게 부탁해 주십시오.",
        "Nobody gives themselves a role. Ask another administrator.",
    ),
    "member_fault_last_admin": (
        "자기의 마지막 관리자 역할은 거둘 수 없고, 자기를 막을 수도 없습니다.",
        "You cannot take away your own last role as administrator, nor disable yourself.",
    ),
    "member_fault_moved": (
        "그사이 다른 사람이 바꾸어 아무것도 하지 않았습니다. 다시 확인해 주십시오.",
        "Somebody changed it meanwhile, so nothing was done. Look again.",
    ),
    "member_fault_nothing": ("바뀌는 것이 없습니다.", "That changes nothing."),
    # ---- reviewers of a round
    "reviewers": ("심사위원 지정", "Name reviewers"),
    "reviewers_text": (
        "여기서 지정한 사람들이 지금까지 지정한 사람들을 모두 대신합니다. 지정하면 서류 심사가 시작됩니다.",
        "Whoever is named here takes the place of all who were named before. Once they are named, screening begins.",
    ),
    "reviewers_faults": ("아무도 지정하지 않았습니다. 고쳐 주십시오.", "Nobody was named. Mend this first:"),
    "reviewers_none": ("심사위원 역할을 가진 직원이 없습니다.", "Nobody on the staff has the role of a reviewer."),
    "reviewers_name": ("고른 사람을 심사위원으로 지정", "Name those who are ticked"),
    "reviewers_name_file": ("파일대로 지정", "Name those in the file"),
    "reviewers_check_file": ("파일 확인만 하기", "Only check the file"),
    "reviewers_checked": (
        "심사위원 {}명을 지정할 수 있습니다. 아직 아무도 지정하지 않았습니다. 아래에 채워진 내용을 보고 지정하십시오.",
        "{} reviewers could be named; nobody is named yet. Look at what is filled in below, then name them.",
    ),
    "reviewers_file": ("CSV 파일로", "From a CSV file"),
    "reviewers_csv": ("파일", "File"),
    "reviewers_columns": ("열 이름:", "Columns:"),
    "reviewers_closed": (
        "지금은 심사위원을 지정하는 단계가 아닙니다. 접수가 끝난 뒤, 순위를 확정하기 전에 지정합니다.",
        "Reviewers are named after the close, and before the ranking is frozen.",
    ),
    "round_done_reviewers_named": ("심사위원 {}명을 지정했습니다.", "{} reviewers are named."),
    "readings": ("심사 진행", "How far the reviews are"),
    "readings_reviewer": ("심사위원", "Reviewer"),
    "readings_assigned": ("맡김", "Assigned"),
    "readings_accepted": ("이해관계 없음 확인", "Accepted"),
    "readings_submitted": ("제출", "Submitted"),
    "readings_overdue": ("기한 지남", "Overdue"),
    "readings_refused": ("거절·이해관계", "Declined or conflict"),
    "readings_stranger": ("직원 아님", "not on the staff"),
    "reviewer_university": ("대학", "University"),
    "reviewer_department": ("학과", "Department"),
    "reviewer_email_domain": ("메일 도메인", "Mail domain"),
    "reviewer_related": ("관계 있는 지원 건", "Related to (ids)"),
    "reviewer_load_max": ("최대 건수", "At most"),
}
