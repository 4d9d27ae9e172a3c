"""Words of company names and addresses that say little: legal forms, joints, abbreviations."""

_LEGAL_FORMS = """
    ab ag anstalt aps as asa ay bhd bv bvba co company corp corporation cv doo eood est ets ev eg
    ek eirl gbr gesmbh gmbh hb inc incorporated kb kft kg kgaa kk ky lda limited llc llp lp ltd
    ltda nv ohg ood oü ou oy oyj pc pao plc pte pty pvt ry sa sab sagl sapa sarl sas sasu se sia
    sl slu snc spa spol spolka sprl srl sro stiftung tmi trust ua uab ug zao zrt ooo jsc oao ao
    ооо оао зао пао ип
"""

LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
"""Legal forms of company names, without dots, in lower case."""

_JOINTS = "the and und et ja och og en y i e ed u de of di da do du"

JOINTS = frozenset(_JOINTS.split())
"""Words that join others; sources drop and add them freely."""

NAME_ABBREVIATIONS = {
    "apt": "apartments",
    "assn": "association",
    "assoc": "association",
    "bldg": "building",
    "bros": "brothers",
    "cafe": "cafe",
    "caffe": "cafe",
    "centre": "center",
    "ctr": "center",
    "dept": "department",
    "elec": "electric",
    "gasth": "gasthaus",
    "gebr": "gebruder",
    "govt": "government",
    "hosp": "hospital",
    "hse": "house",
    "inst": "institute",
    "intl": "international",
    "kahv": "kahvila",
    "mfg": "manufacturing",
    "mgmt": "management",
    "mkt": "market",
    "natl": "national",
    "pharm": "pharmacy",
    "prof": "professional",
    "rav": "ravintola",
    "rest": "restaurant",
    "ristor": "ristorante",
    "sch": "school",
    "svc": "services",
    "svcs": "services",
    "service": "services",
    "st": "saint",
    "sta": "santa",
    "supermkt": "supermarket",
    "tech": "technology",
    "univ": "university",
    "whse": "warehouse",
}
"""Abbreviations in names, by the word they stand for."""

ADDRESS_ABBREVIATIONS = {
    "ave": "avenue",
    "av": "avenue",
    "bd": "boulevard",
    "blvd": "boulevard",
    "bulev": "bulevardi",
    "dr": "drive",
    "hwy": "highway",
    "ln": "lane",
    "pl": "place",
    "pza": "plaza",
    "rd": "road",
    "sq": "square",
    "st": "street",
    "str": "strasse",
    "tr": "triq",
    "ul": "ulica",
    "via": "via",
}
"""Abbreviations in addresses, by the word they stand for."""
