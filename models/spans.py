"""How long something may be said to take, in the units that people write."""

from __future__ import annotations

from typing import Annotated

from backoffice.declare import Whole, _, column_of

Hours = Annotated[int, column_of(Whole(least=1, most=8_760))]
"""Up to a year."""
Minutes = Annotated[int, column_of(Whole(least=1, most=43_200))]
"""Up to thirty days."""
MOST_DAYS = 3_660
"""How far back a trigger looks at most: ten years."""
TOO_LONG_AGO = _("At most {days} days.", "最多{days}天。", days=MOST_DAYS)
