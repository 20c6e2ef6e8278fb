"""Writes the two tables by which phone numbers are read:

    pip install phonenumberslite==9.0.42 tzdata==2026.6
    python3 infra/phone-plans/generate.py shared/domain/src/values/phone

`plans.tsv` holds a country calling code a line: the pattern of what stands before a national number (a trunk prefix, a
carrier's code), what replaces it, and the pattern of its valid national numbers, of all types and of all regions that
share the code. `zones.tsv` holds the calling code of each time zone.

A number's canonical form follows from the plans, and stored digests from that: a newer libphonenumber is taken when a
country renumbered, not for its own sake.
"""

import pathlib
import re
import sys
from importlib import resources

import phonenumbers
from phonenumbers import PhoneMetadata

TYPES = [
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
]
ORIGIN = (
    "# {what} From libphonenumber {version} (Apache-2.0){beside}; made by infra/phone-plans/generate.py.\n"
)


# Old names of zones that the tz database has since made links into another country.
MERGED = {
    "Iceland": "IS", "Africa/Asmera": "ER", "Africa/Timbuktu": "ML", "America/Coral_Harbour": "CA",
    "Atlantic/Jan_Mayen": "SJ", "Pacific/Ponape": "FM", "Pacific/Truk": "FM", "Pacific/Yap": "FM",
}
# Names of clocks, which the tz database has since made links to places.
CLOCKS = {"CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET"}


def patterns(metadata):
    for name in TYPES:
        pattern = getattr(getattr(metadata, name), "national_number_pattern", None)
        if pattern:
            yield pattern


def plans():
    yield ORIGIN.format(
        what="Calling code, national prefix, its replacement, national numbers.",
        version=phonenumbers.__version__, beside="",
    )
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        of_regions = [PhoneMetadata.metadata_for_region_or_calling_code(code, region) for region in regions]
        main = of_regions[0]
        valid = dict.fromkeys(pattern for metadata in of_regions for pattern in patterns(metadata))
        prefix = main.national_prefix_for_parsing or ""
        rule = re.sub(r"\\(\d)", r"${\1}", main.national_prefix_transform_rule or "")
        yield f"{code}\t{prefix}\t{rule}\t{'|'.join(valid)}\n"


def zones():
    yield ORIGIN.format(
        what="Calling code, its time zones.", version=phonenumbers.__version__, beside=" and the tz database (public domain)"
    )
    tzdata = resources.files("tzdata.zoneinfo")
    country = {}
    for line in tzdata.joinpath("zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            region, _, zone, *_ = line.split("\t")
            country[zone] = region
    # Other names of the same zones (Brazil/East).
    for line in tzdata.joinpath("tzdata.zi").read_text().splitlines():
        if line.startswith("L "):
            _, zone, name = line.split()
            if name not in country and zone in country and name not in CLOCKS:
                country[name] = MERGED.get(name, country[zone])
    of_code = {}
    for zone, region in country.items():
        code = phonenumbers.country_code_for_region(region)
        if code:
            of_code.setdefault(code, []).append(zone)
    for code, names in sorted(of_code.items()):
        yield f"{code}\t{' '.join(sorted(names))}\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.joinpath("plans.tsv").write_text("".join(plans()))
    folder.joinpath("zones.tsv").write_text("".join(zones()))


main()
