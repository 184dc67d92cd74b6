"""Whatever is done to a log without the key, its first bad row is named. The bench does it 1,000 times."""

from audit.verification import logs
from ragsite.bench import tampers


def test_first_bad_row_is_named_in_all_of_200_random_tampers(db):
    with tampers.log_without_rules():
        assert logs.verify().is_sound

        assert tampers.wrong_answers(share=0.2) == (200, [])

        assert logs.verify().is_sound
