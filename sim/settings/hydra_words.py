"""What Hydra is told, so that it takes what people type and what they keep in files.

Hydra's words are ASCII. In quotes its values may be anything, but keys within braces, such as the names of arms, have
no quotes; so letters of other scripts go to Hydra spelled out (`治` as `__u6cbb__`) and are read back from what it
returns. Files of the user's own folder are read as all others are, so that one of another encoding or without an end
is refused in the same sentence.
"""

import re
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.plugins.config_source import ConfigResult
from omegaconf import OmegaConf

from sim.settings.files import read_yaml
from sim.settings.refusals import ConfigError
from sim.world.readers import read_text

OTHER = re.compile(r"[^\0-\x7f]")
SPELLED = re.compile(r"__u([0-9a-f]{2,6})__")


def spelled(text: str) -> str:
    """A word in the letters that Hydra reads."""
    return OTHER.sub(lambda letter: f"__u{ord(letter[0]):02x}__", text)


def _keys_spelled(tree: Any) -> Any:
    """What a file says, with keys by which a spelled word finds them."""
    if not isinstance(tree, dict):
        return tree
    return {spelled(key) if isinstance(key, str) else key: _keys_spelled(value) for key, value in tree.items()}


def read_back(value: Any) -> Any:
    """What Hydra made of a spelled word, in its own letters: text, or texts in lists and dicts."""
    if isinstance(value, str):
        return SPELLED.sub(lambda letter: chr(int(letter[1], 16)), value)
    if isinstance(value, list):
        return [read_back(item) for item in value]
    if isinstance(value, dict):
        return {read_back(key): read_back(item) for key, item in value.items()}
    return value


def quoted(text: str) -> str:
    """Text as a value that Hydra takes as it is."""
    return QuotedString(text, Quote.single).with_quotes()


class OwnSource(FileConfigSource):
    """The user's folder as Hydra looks into it."""

    @staticmethod
    def scheme() -> str:
        return "own"

    def load_config(self, config_path: str) -> ConfigResult:
        """The content of a file, by the reader of the package."""
        path = Path(self.path) / self._normalize_file_name(config_path)
        tree = read_yaml(path)
        if tree is not None and not isinstance(tree, dict):
            raise ConfigError([f"{path} should hold settings by name"])
        return ConfigResult(
            config=OmegaConf.create(_keys_spelled(tree or {})),
            path=f"{self.scheme()}://{self.path}",
            provider=self.provider,
            header={key: value and spelled(value) for key, value in self._get_header_dict(read_text(path)).items()},
        )


def searched(own_folder: str) -> str:
    """The word by which Hydra looks into the user's folder too."""
    SourcesRegistry.instance().register(OwnSource)
    return f"hydra.searchpath=[{quoted(f'{OwnSource.scheme()}://{Path(own_folder).resolve().as_posix()}')}]"
