"""The sentences of answers by code, in English; the catalogues in languages/ have them in others. `%(name)s` is a place."""


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues where it stands; it is said elsewhere."""
    return sentence


GREETING = N_("Hello! What are you looking for?")
THANKS = N_("You're welcome!")
CONTACT = N_("Contact us:")
NOT_IN = N_("We found nothing like this in %(values)s.")
NO_CONTACT = N_("There are no contact details in the shop's data.")
NOTHING = N_("We found nothing about this in the shop's data. Could you put it another way, or name a product?")
NEAREST = N_("We found nothing at this price. The nearest to it:")
NOT_QUITE = N_("We found nothing that is all of this. The nearest to it:")
NOT_SHARED = N_("Sorry, we don't share that.")

COSTS = N_("%(name)s costs %(price)s.")
REDUCED = N_("%(name)s costs %(price)s instead of %(old)s.")
COSTS_FROM = N_("%(name)s costs from %(price)s to %(highest)s, depending on the option.")
NO_PRICE = N_("We have no price for %(name)s in our data.")
DIFFERENCE = N_("%(name)s costs %(price)s and %(other)s costs %(highest)s: a difference of %(difference)s.")
IS_IN_STOCK = N_("Yes, %(name)s is in stock.")
SO_MANY = N_("%(name)s is in stock: %(count)s.")
IS_SOLD_OUT = N_("%(name)s is sold out.")
STOCK_UNKNOWN = N_("We have no stock count for %(name)s in our data.")
COMES_IN = N_("%(name)s comes in: %(values)s.")

IN_STOCK = N_("in stock")
COUNTED = N_("in stock (%(count)s)")
SOLD_OUT = N_("sold out")
PRICE_FROM = N_("%(price)s to %(highest)s")
OPTIONS = N_("Options")
PICTURE = N_("Picture")
