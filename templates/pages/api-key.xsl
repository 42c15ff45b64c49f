<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/security">Security settings</a></nav>
<div class="column"><xsl:apply-templates select="created"/></div>
</xsl:template>

<xsl:template match="created">
<h1>The key <xsl:value-of select="api-key/@key-name"/> is made</h1>
<div class="panel notice" role="status">
<h2>Copy it now</h2>
<p>This page is the only place that ever shows it. Strongroom keeps a hash of it; a key that is lost is revoked, and another one made.</p>
<p><code id="settings-security-api-key-value" class="once"><xsl:value-of select="@token"/></code></p>
<p class="fine">Programs send it as <code>Authorization: Bearer</code>.</p>
</div>
<p>Do not reload this page: that would make one more key.</p>
<p><a class="button" href="/settings/security#api-keys-heading">I have copied it</a></p>
</xsl:template>
</xsl:stylesheet>
