from __future__ import annotations

import json

MANIFEST = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json"}


def put(machine, tag, **content):
    manifest = json.dumps({**MANIFEST, **content})
    machine.client("ecr").put_image(repositoryName="repo", imageManifest=manifest, imageTag=tag)


def tags(machine):
    found = machine.client("ecr").describe_images(repositoryName="repo")["imageDetails"]
    return {image["imageDigest"]: (sorted(image["imageTags"]), image["imagePushedAt"]) for image in found}


def test_images_come_back_under_their_tags(machine):
    machine.client("ecr").create_repository(repositoryName="repo")
    put(machine, "one", layers=[{"digest": "sha256:1"}])
    put(machine, "two", layers=[{"digest": "sha256:2"}])
    put(machine, "also-two", layers=[{"digest": "sha256:2"}])
    put(machine, "three", config={"any": 3})
    machine.client("ecr").batch_delete_image(repositoryName="repo", imageIds=[{"imageTag": "one"}])
    before = tags(machine)
    assert sorted(tags for tags, _ in before.values()) == [["also-two", "two"], ["three"]]
    for _ in range(2):
        machine.restart()
        assert tags(machine) == before
